//! The mistakes that can be made in one expression: each is a range of the text and what to write there instead.
//!
//! Which expressions are looked at, and where the mistakes are planted, is in `places.rs`.

use std::ops::Range;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, ExprBinary, ExprCall, ExprIf, ExprMethodCall, Ident, Lit, RangeLimits, UnOp};

/// What kind of mistake it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Plus for minus, a sign dropped or added.
    Sign,
    /// A product for a quotient, a factor or a term dropped.
    Factor,
    /// Another constant.
    Literal,
    /// Another variable of the same type, or two exchanged.
    Operand,
    /// A step left out, such as a transposition or a square.
    Dropped,
    /// Another function.
    Function,
    /// Another comparison, or one end more or less.
    Comparison,
    /// The reverse of a condition, or a half of it.
    Condition,
    /// A product that lets NaN through.
    Guard,
    /// A value that the derivative reads, not declared.
    Needs,
}

/// A mistake: the text of a range replaced by another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mistake {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// Functions that may be taken for each other.
const CONFUSED: [(&str, &str); 24] = [
    ("sin", "cos"),
    ("sinh", "cosh"),
    ("exp", "ln"),
    ("tanh", "sinh"),
    ("sigmoid", "tanh"),
    ("softplus", "exp"),
    ("sqrt", "square"),
    ("min", "max"),
    ("minimum", "maximum"),
    ("any", "all"),
    ("first", "last"),
    ("floor", "ceil"),
    ("round", "floor"),
    ("trunc", "floor"),
    ("greater", "less"),
    ("greater_equal", "less_equal"),
    ("zero", "one"),
    ("zeros", "ones"),
    ("infinity", "neg_infinity"),
    ("is_some", "is_none"),
    ("sum", "product"),
    ("sum_keep", "mean_keep"),
    ("saturating_sub", "saturating_add"),
    ("digamma", "ln"),
];

/// Steps of iterators, whose type is another without them but which need not be cloned.
const ITERATOR_STEPS: [&str; 5] = ["rev", "skip", "take", "filter", "chain"];

/// Calls without which nothing changes, or no type is right, or only a message is another.
const KEPT: [&str; 29] = [
    "clone",
    "iter",
    "iter_mut",
    "into_iter",
    "map",
    "fold",
    "zip",
    "collect",
    "to_vec",
    "row",
    "note",
    "report",
    "len",
    "shape",
    "rank",
    "size",
    "dtype",
    "as_slice",
    "each_ref",
    "to_string",
    "contains",
    "position",
    "is_empty",
    "copied",
    "cloned",
    "enumerate",
    "is_nan",
    "then",
    "lit",
];

/// Choices, whose last two arguments may be exchanged.
const CHOICES: [&str; 4] = ["where_greater", "where_equal", "where_positive", "select"];

/// The bytes that a piece of syntax takes.
pub(super) fn range(piece: &impl Spanned) -> Range<usize> {
    range_of(piece.span())
}

fn range_of(span: Span) -> Range<usize> {
    span.byte_range()
}

/// The mistakes of an expression itself, not those of its parts. `others` are the variables that one may be taken for.
pub(super) fn mistakes(text: &str, expr: &Expr, others: impl Fn(&Ident) -> Vec<String>) -> Vec<Mistake> {
    let found = Found { text, mistakes: Vec::new() };
    match expr {
        Expr::Binary(binary) => found.binary(binary),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            found.with(Kind::Sign, unary, &text[range(&unary.expr)])
        }
        Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
            found.with(Kind::Condition, unary, &text[range(&unary.expr)])
        }
        Expr::Lit(literal) => found.literal(&literal.lit),
        Expr::Path(path) => match path.path.get_ident() {
            Some(name) => {
                others(name).iter().fold(found, |found, other| found.with(Kind::Operand, name, other))
            }
            None => found,
        },
        Expr::MethodCall(call) => found.method(call),
        Expr::Call(call) => found.call(call),
        Expr::If(branch) => found.condition(branch),
        Expr::Range(span) if span.end.is_some() => {
            let other = if matches!(span.limits, RangeLimits::HalfOpen(_)) { "..=" } else { ".." };
            found.with(Kind::Comparison, &span.limits, other)
        }
        _ => found,
    }
    .mistakes
}

/// A minus before a whole expression.
pub(super) fn negated(text: &str, expr: &Expr) -> Option<Mistake> {
    let is_negative = matches!(expr, Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)));
    let new = format!("-({})", &text[range(expr)]);
    (!is_negative).then(|| Mistake { kind: Kind::Sign, range: range(expr), text: new })
}

struct Found<'a> {
    text: &'a str,
    mistakes: Vec<Mistake>,
}

impl Found<'_> {
    fn with(mut self, kind: Kind, replaced: &impl Spanned, new: &str) -> Self {
        let mistake = Mistake { kind, range: range(replaced), text: new.to_string() };
        if !mistake.range.is_empty() && !self.mistakes.contains(&mistake) {
            self.mistakes.push(mistake);
        }
        self
    }

    fn text(&self, piece: &impl Spanned) -> String {
        self.text[range(piece)].to_string()
    }

    fn binary(self, binary: &ExprBinary) -> Self {
        let (left, right) = (self.text(&binary.left), self.text(&binary.right));
        let other = |found: Self, kind, new: &str| found.with(kind, &binary.op, new);
        match binary.op {
            BinOp::Add(_) => other(self, Kind::Sign, "-").with(Kind::Factor, binary, &left),
            BinOp::Sub(_) => other(self, Kind::Sign, "+").with(Kind::Factor, binary, &left),
            BinOp::Mul(_) => other(self, Kind::Factor, "/").with(Kind::Factor, binary, &left).with(
                Kind::Factor,
                binary,
                &right,
            ),
            BinOp::Div(_) => other(self, Kind::Factor, "*").with(Kind::Factor, binary, &left),
            BinOp::AddAssign(_) => other(self, Kind::Sign, "-="),
            BinOp::SubAssign(_) => other(self, Kind::Sign, "+="),
            BinOp::MulAssign(_) => other(self, Kind::Factor, "/="),
            BinOp::DivAssign(_) => other(self, Kind::Factor, "*="),
            BinOp::Gt(_) => other(self, Kind::Comparison, ">="),
            BinOp::Ge(_) => other(self, Kind::Comparison, ">"),
            BinOp::Lt(_) => other(self, Kind::Comparison, "<="),
            BinOp::Le(_) => other(self, Kind::Comparison, "<"),
            BinOp::Eq(_) => other(self, Kind::Comparison, "!="),
            BinOp::Ne(_) => other(self, Kind::Comparison, "=="),
            BinOp::And(_) | BinOp::Or(_) => {
                let new = if matches!(binary.op, BinOp::And(_)) { "||" } else { "&&" };
                other(self, Kind::Condition, new).with(Kind::Condition, binary, &left).with(
                    Kind::Condition,
                    binary,
                    &right,
                )
            }
            _ => self,
        }
    }

    fn literal(self, literal: &Lit) -> Self {
        let new = match literal {
            Lit::Float(float) => match float.base10_parse::<f64>() {
                Ok(0.0) => format!("1.0{}", float.suffix()),
                Ok(value) => format!("{:?}{}", 2.0 * value, float.suffix()),
                Err(_) => return self,
            },
            Lit::Int(int) => match int.base10_parse::<u64>() {
                Ok(value) => format!("{}{}", value + 1, int.suffix()),
                Err(_) => return self,
            },
            Lit::Bool(value) => (!value.value).to_string(),
            _ => return self,
        };
        self.with(Kind::Literal, literal, &new)
    }

    fn method(self, call: &ExprMethodCall) -> Self {
        let (name, receiver) = (call.method.to_string(), self.text(&call.receiver));
        let arguments: Vec<String> = call.args.iter().map(|argument| self.text(argument)).collect();
        let mut found = self;
        if let ("guarded_mul", [slope]) = (name.as_str(), &arguments[..]) {
            found = found.with(Kind::Guard, call, &format!("(({receiver}).clone() * ({slope}).clone())"));
        }
        if let (true, [.., a, b]) = (CHOICES.contains(&name.as_str()), &arguments[..]) {
            let last = call.args.iter().rev().take(2).map(range).collect::<Vec<_>>();
            let mistake =
                Mistake { kind: Kind::Operand, range: last[1].start..last[0].end, text: format!("{b}, {a}") };
            found.mistakes.push(mistake);
        }
        for new in confused(&name) {
            found = found.with(Kind::Function, &call.method, new);
        }
        if KEPT.contains(&name.as_str()) {
            return found;
        }
        let is_step = ITERATOR_STEPS.contains(&name.as_str());
        let new = if is_step { receiver } else { format!("({receiver}).clone()") };
        found.with(Kind::Dropped, call, &new)
    }

    fn call(self, call: &ExprCall) -> Self {
        let Expr::Path(path) = &*call.func else { return self };
        let Some(last) = path.path.segments.last() else { return self };
        let name = last.ident.to_string();
        if name.starts_with(char::is_uppercase) {
            return self;
        }
        let mut found = self;
        for new in confused(&name) {
            found = found.with(Kind::Function, &last.ident, new);
        }
        let arguments: Vec<String> = call.args.iter().map(|argument| found.text(argument)).collect();
        match &arguments[..] {
            [a] if path.path.get_ident().is_some() => found.with(Kind::Dropped, call, a),
            [a, b] if name == "guarded_product" => found.with(Kind::Guard, call, &format!("(({a}) * ({b}))")),
            [a, b] if a != b => found.with(Kind::Operand, &call.args, &format!("{b}, {a}")),
            _ => found,
        }
    }

    fn condition(self, branch: &ExprIf) -> Self {
        let is_equality =
            matches!(&*branch.cond, Expr::Binary(b) if matches!(b.op, BinOp::Eq(_) | BinOp::Ne(_)));
        if is_equality || has_let(&branch.cond) {
            return self;
        }
        let new = format!("!({})", self.text(&branch.cond));
        self.with(Kind::Condition, &branch.cond, &new)
    }
}

/// Whether a condition binds names, so that it is no value.
pub(super) fn has_let(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

fn confused(name: &str) -> impl Iterator<Item = &'static str> {
    let pairs = CONFUSED.into_iter().flat_map(|(a, b)| [(a, b), (b, a)]);
    let name = name.to_string();
    pairs.filter_map(move |(given, other)| (given == name).then_some(other))
}
