//! Sums of products by Einstein's convention, made of diagonals, sums and matrix products.

use std::collections::BTreeMap;

use wengert_array::{Array, Mismatch, Shape};

use crate::catalogue::catalogue;
use crate::{Composite, Sample, Tensor};

catalogue![Einsum];

/// y[out] = Σ Π xᵢ[labelsᵢ] over all labels that are not in out,  dxᵢ = the sum of the products of dy and the others
#[derive(Clone, Debug)]
pub(crate) struct Einsum {
    formula: &'static str,
}

impl Composite<3> for Einsum {
    const NAME: &'static str = "einsum";

    #[track_caller]
    fn value(&self, xs: [&Tensor; 3]) -> Tensor {
        Tensor::einsum(self.formula, &xs)
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 3>> {
        let of = |formula, shapes: [&[usize]; 3]| Sample::random(Einsum { formula }, shapes);
        let fails =
            |formula, shapes: [&[usize]; 3], message| Sample::fails(Einsum { formula }, shapes, message);
        let square = || Array::from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2]);
        let (one, two) = (Array::from_vec(vec![1.0], ()), Array::from_vec(vec![2.0], ()));
        let exact = |formula| Sample::new(Einsum { formula }, [square(), two.clone(), one.clone()]);
        let (a, b) = (&[2, 3][..], &[3, 2][..]);
        vec![
            exact("ii,,->i").gives(&[2.0, 8.0]),
            exact("ii,,->").gives(&[10.0]),
            exact("ij,,->ji").gives(&[2.0, 6.0, 4.0, 8.0]),
            exact("ba,,").gives(&[2.0, 6.0, 4.0, 8.0]),
            of("ij,jk,->ik", [a, b, &[]]),
            of("ij,jk,kl->il", [a, b, &[2, 2]]),
            of("i,i,->", [&[4], &[4], &[]]),
            of("i,j,k->ijk", [&[2], &[3], &[2]]),
            of("i,i,i->i", [&[3], &[3], &[3]]),
            of("i,i,i->", [&[3], &[3], &[3]]),
            of("bij,bjk,->bik", [&[2, 2, 3], &[2, 3, 2], &[]]),
            of("bij,jk,b->ik", [&[2, 2, 3], &[3, 2], &[2]]),
            of("...ij,...jk,->...ik", [&[2, 1, 2, 3], &[3, 3, 2], &[]]),
            of("...,...,...->...", [&[2, 3], &[3], &[]]),
            of("...i,i,->...", [&[2, 2, 3], &[3], &[]]),
            of("ii,ij,j->i", [&[3, 3], &[3, 2], &[2]]),
            of("iij,j,->i", [&[2, 2, 3], &[3], &[]]),
            of("iii,,->i", [&[2, 2, 2], &[], &[]]),
            of("ijk,,->", [&[2, 1, 3], &[], &[]]),
            of("ij,j,->i", [&[0, 3], &[3], &[]]),
            of("ij,j,->i", [&[2, 0], &[0], &[]]),
            of("ij,kl,->jl", [a, b, &[]]),
            of("i...j,...j,->...i", [&[2, 3, 2], &[2], &[]]),
            of("i...,...,->...i", [&[2, 3], &[3], &[]]),
            exact("ii,,").gives(&[10.0]),
            exact("b...a,,").gives(&[2.0, 6.0, 4.0, 8.0]),
            of("ij,jk,", [a, b, &[]]),
            of("j...,j...,", [a, a, &[]]),
            fails("i...j...,,->i", [a, &[], &[]], "`.` is no label"),
            of("ab,cb,ad->dc", [&[2, 3], &[4, 3], &[2, 2]]),
            of("ij,ij,->ij", [&[2, 1], &[2, 3], &[]]),
            of("ij,ij,->ij", [&[2, 3], &[2, 1], &[]]),
            of(" i j , j , -> i ", [a, &[3], &[]]),
            fails("ij,jk->ik", [a, b, &[]], "names 2 operands, 3 are given"),
            fails("ij,jk,->ik", [a, a, &[]], "sizes of label `j` differ"),
            fails("ijk,,->i", [a, &[], &[]], "does not have the axes of `ijk`"),
            fails("ij,,->k", [a, &[], &[]], "label `k` of the result"),
            fails("ij,,->ii", [a, &[], &[]], "occurs twice in the result"),
            fails("i!,,->i", [a, &[], &[]], "`!` is no label"),
        ]
    }
}

/// A tensor whose axes have names.
struct Term {
    x: Tensor,
    labels: Vec<char>,
}

impl Term {
    /// One axis for each label, of the size that the label has in all.
    #[track_caller]
    fn new(x: &Tensor, labels: &[char], sizes: &BTreeMap<char, usize>) -> Term {
        let mut term = Term { x: x.clone(), labels: labels.to_vec() };
        while let Some((first, second)) = term.twice() {
            let others = (0..term.labels.len()).filter(|&axis| axis != first && axis != second);
            let axes: Vec<usize> = others.chain([first, second]).collect();
            let labels = axes[..axes.len() - 1].iter().map(|&axis| term.labels[axis]).collect();
            term = Term { x: term.x.permute(axes).diagonal(0), labels };
        }
        let wanted: Vec<usize> = term.labels.iter().map(|label| sizes[label]).collect();
        if term.x.shape()[..] != wanted[..] {
            term.x = term.x.broadcast_to(wanted);
        }
        term
    }

    /// The axes of a label that occurs twice.
    fn twice(&self) -> Option<(usize, usize)> {
        let n = self.labels.len();
        let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
        pairs.into_iter().find(|&(i, j)| self.labels[i] == self.labels[j])
    }

    /// The sum over all labels but those to keep.
    #[track_caller]
    fn sum_except(self, keep: impl Fn(char) -> bool) -> Term {
        let summed: Vec<usize> = (0..self.labels.len()).filter(|&axis| !keep(self.labels[axis])).collect();
        if summed.is_empty() {
            return self;
        }
        let labels = self.labels.into_iter().filter(|&label| keep(label)).collect();
        Term { x: self.x.sum_axes(&summed[..]), labels }
    }

    /// The axes in the order of some labels, all of which there are, each group as one.
    #[track_caller]
    fn grouped(&self, groups: [&[char]; 3]) -> Tensor {
        let axis = |label: &char| self.labels.iter().position(|other| other == label);
        let axes: Vec<usize> = groups.concat().iter().filter_map(axis).collect();
        let size = |group: &[char]| group.iter().filter_map(axis).map(|axis| self.x.shape()[axis]).product();
        let sizes: [usize; 3] = groups.map(size);
        self.x.permute(axes).reshape(sizes)
    }

    /// The product of two terms, summed over the labels that are not to be kept.
    #[track_caller]
    fn times(self, other: Term, keep: impl Fn(char) -> bool, sizes: &BTreeMap<char, usize>) -> Term {
        let (mine, others) = (self.labels.clone(), other.labels.clone());
        let a = self.sum_except(|label| keep(label) || others.contains(&label));
        let b = other.sum_except(|label| keep(label) || mine.contains(&label));
        let (shared, rows): (Vec<char>, Vec<char>) =
            a.labels.iter().partition(|&label| b.labels.contains(label));
        let (batch, summed): (Vec<char>, Vec<char>) = shared.into_iter().partition(|&label| keep(label));
        let columns: Vec<char> = b.labels.iter().copied().filter(|label| !a.labels.contains(label)).collect();
        let y = match summed.is_empty() {
            false => a.grouped([&batch, &rows, &summed]).matmul(&b.grouped([&batch, &summed, &columns])),
            true => a.grouped([&batch, &rows, &[]]) * b.grouped([&batch, &[], &columns]),
        };
        let labels = [batch, rows, columns].concat();
        let shape: Vec<usize> = labels.iter().map(|label| sizes[label]).collect();
        Term { x: y.reshape(shape), labels }
    }
}

/// The labels of each operand and of the result, and the size of each label. An axis of an ellipsis is labelled by a
/// digit: how far it is from the last.
struct Formula {
    operands: Vec<Vec<char>>,
    result: Vec<char>,
    sizes: BTreeMap<char, usize>,
}

impl Formula {
    fn parse(text: &str, shapes: &[&Shape]) -> Result<Formula, Mismatch> {
        let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
        let (left, right) = match text.split_once("->") {
            Some((left, right)) => (left, Some(right)),
            None => (&text[..], None),
        };
        let parts: Vec<&str> = left.split(',').collect();
        if parts.len() != shapes.len() {
            let title = format!("`{text}` names {} operands, {} are given", parts.len(), shapes.len());
            return Err(Mismatch::new(title));
        }
        let mut formula = Formula { operands: Vec::new(), result: Vec::new(), sizes: BTreeMap::new() };
        for (part, shape) in parts.iter().zip(shapes) {
            let n_letters = part.replace("...", "").chars().count();
            let labels = labels_of(part, shape.len().saturating_sub(n_letters))?;
            if labels.len() != shape.len() {
                let title = format!("an operand does not have the axes of `{part}`");
                return Err(Mismatch::new(title).row("given", shape));
            }
            formula.measure(&labels, shape)?;
            formula.operands.push(labels);
        }
        let n_digits = formula.sizes.keys().filter(|label| label.is_ascii_digit()).count();
        formula.result = match right {
            Some(right) => labels_of(right, n_digits)?,
            None => formula.implied(n_digits),
        };
        formula.check_result()?;
        Ok(formula)
    }

    /// Notes the sizes of an operand's labels. A size of 1 broadcasts.
    fn measure(&mut self, labels: &[char], shape: &Shape) -> Result<(), Mismatch> {
        for (&label, &size) in labels.iter().zip(shape.iter()) {
            let known = self.sizes.entry(label).or_insert(size);
            if *known == 1 {
                *known = size;
            } else if size != 1 && size != *known {
                let title = format!("the sizes of label `{label}` differ: {known} and {size}");
                return Err(Mismatch::new(title).row("given", shape));
            }
        }
        Ok(())
    }

    /// The result where none is written: the ellipsis, and the letters that occur once, in the order of the alphabet.
    fn implied(&self, n_digits: usize) -> Vec<char> {
        let count = |label: char| self.operands.iter().flatten().filter(|&&other| other == label).count();
        let letters =
            self.sizes.keys().copied().filter(|&label| !label.is_ascii_digit() && count(label) == 1);
        ellipsis(n_digits).chain(letters).collect()
    }

    fn check_result(&self) -> Result<(), Mismatch> {
        for (at, label) in self.result.iter().enumerate() {
            if !self.sizes.contains_key(label) {
                return Err(Mismatch::new(format!("label `{label}` of the result is in no operand")));
            }
            if self.result[..at].contains(label) {
                return Err(Mismatch::new(format!("label `{label}` occurs twice in the result")));
            }
        }
        Ok(())
    }
}

/// The labels of one part of a formula, where an ellipsis stands for `n_axes`.
fn labels_of(part: &str, n_axes: usize) -> Result<Vec<char>, Mismatch> {
    let mut labels = Vec::new();
    for (at, piece) in part.splitn(2, "...").enumerate() {
        if at == 1 {
            labels.extend(ellipsis(n_axes));
        }
        if let Some(wrong) = piece.chars().find(|character| !character.is_ascii_alphabetic()) {
            return Err(Mismatch::new(format!("`{wrong}` is no label in `{part}`")));
        }
        labels.extend(piece.chars());
    }
    Ok(labels)
}

/// An array has at most 8 axes, so that a digit is enough.
fn ellipsis(n_axes: usize) -> impl Iterator<Item = char> {
    (0..n_axes.min(9) as u8).rev().map(|axis| char::from(b'0' + axis))
}

impl Tensor {
    /// A sum of products by Einstein's convention: each letter names an axis of the operands, and those that the
    /// result does not name are summed.
    ///
    /// `...` stands for leading axes, which broadcast. A letter that an operand has twice takes its diagonal. Without
    /// `->` the result has the letters that occur once, in alphabetical order. Operands are multiplied from left to
    /// right.
    ///
    /// # Panics
    /// If the formula and the operands do not fit.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(Tensor::einsum("ij,jk->ik", &[&x, &x]).to_vec::<f32>(), [7.0, 10.0, 15.0, 22.0]);
    /// assert_eq!(Tensor::einsum("ii->", &[&x]).item(), 5.0);
    /// ```
    #[track_caller]
    pub fn einsum(formula: &str, operands: &[&Tensor]) -> Tensor {
        let shapes: Vec<&Shape> = operands.iter().map(|x| x.shape()).collect();
        let formula = match Formula::parse(formula, &shapes) {
            Ok(formula) => formula,
            Err(mismatch) => panic!("{}", mismatch.report("einsum")),
        };
        let Formula { operands: labels, result, sizes } = &formula;
        let mut product = Term::new(operands[0], &labels[0], sizes);
        for (at, x) in operands.iter().enumerate().skip(1) {
            let later = labels[at + 1..].concat();
            let keep = |label| result.contains(&label) || later.contains(&label);
            product = product.times(Term::new(x, &labels[at], sizes), keep, sizes);
        }
        let product = product.sum_except(|label| result.contains(&label));
        let place = |label: &char| product.labels.iter().position(|other| other == label);
        let order: Vec<usize> = result.iter().filter_map(place).collect();
        product.x.permute(order)
    }
}
