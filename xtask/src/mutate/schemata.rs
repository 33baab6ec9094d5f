//! The text of a file with all its mutants in it, each chosen at run time by its number.
//!
//! That one build has all of them makes it a matter of minutes to try thousands.

use std::ops::Range;

use super::places::{Mutant, Plant};

/// A file with its mutants, and where they are in its new text.
pub(super) struct Schema {
    /// The new text.
    pub(super) text: String,
    places: Vec<Place>,
}

/// Where a mutant is in the new text.
struct Place {
    id: usize,
    /// The mistake with what surrounds it.
    mutated: Range<usize>,
    /// This and all that was put around the expression.
    whole: Range<usize>,
}

impl Schema {
    /// Writes mutants into a text. Each comes with its number, from 1.
    pub(super) fn new(text: &str, mutants: &[(usize, &Mutant)]) -> Schema {
        let mut sites: Vec<Site<'_>> = Vec::new();
        for &(id, mutant) in mutants {
            let Plant::Site(range) = &mutant.plant else { continue };
            match sites.iter_mut().find(|site| site.range == *range) {
                Some(site) => site.mutants.push((id, mutant)),
                None => sites.push(Site { range: range.clone(), mutants: vec![(id, mutant)] }),
            }
        }
        // An outer site comes before those in it.
        sites.sort_by_key(|site| (site.range.start, usize::MAX - site.range.end));
        let mut schema = Schema { text: String::new(), places: Vec::new() };
        schema.write(text, 0..text.len(), &sites);
        schema
    }

    /// The mutants that an error between two bytes of the new text speaks of: the one that it is in, or else all those
    /// around it.
    pub(super) fn blamed(&self, error: Range<usize>) -> Vec<usize> {
        let is_in = |outer: &Range<usize>| outer.start <= error.start && error.end <= outer.end;
        let exact = self.places.iter().filter(|place| is_in(&place.mutated)).map(|place| place.id);
        let exact: Vec<usize> = exact.collect();
        if !exact.is_empty() {
            return exact;
        }
        let around = self.places.iter().filter(|place| is_in(&place.whole));
        let Some(least) = around.clone().map(|place| place.whole.len()).min() else { return Vec::new() };
        around.filter(|place| place.whole.len() == least).map(|place| place.id).collect()
    }

    fn write(&mut self, text: &str, range: Range<usize>, sites: &[Site<'_>]) {
        let mut at = range.start;
        let mut rest = sites;
        while let Some((site, after)) = rest.split_first() {
            let n_inside = after.iter().take_while(|inner| inner.range.end <= site.range.end).count();
            let (inside, next) = after.split_at(n_inside);
            self.text.push_str(&text[at..site.range.start]);
            self.write_site(text, site, inside);
            at = site.range.end;
            rest = next;
        }
        self.text.push_str(&text[at..range.end]);
    }

    fn write_site(&mut self, text: &str, site: &Site<'_>, inside: &[Site<'_>]) {
        let (start, first) = (self.text.len(), self.places.len());
        for &(id, mutant) in &site.mutants {
            self.text.push_str(&format!("if crate::mutation::is({id}) {{ "));
            let begin = self.text.len();
            self.text.push_str(&text[site.range.start..mutant.range.start]);
            self.text.push_str(&mutant.text);
            self.text.push_str(&text[mutant.range.end..site.range.end]);
            self.places.push(Place { id, mutated: begin..self.text.len(), whole: 0..0 });
            self.text.push_str(" } else ");
        }
        let last = self.places.len();
        self.text.push_str("{ ");
        self.write(text, site.range.clone(), inside);
        self.text.push_str(" }");
        let whole = start..self.text.len();
        self.places[first..last].iter_mut().for_each(|place| place.whole = whole.clone());
    }
}

/// An expression with the mutants that are chosen by a condition around it.
struct Site<'a> {
    range: Range<usize>,
    mutants: Vec<(usize, &'a Mutant)>,
}
