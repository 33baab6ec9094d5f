//! The places of a file where mistakes are planted: the functions of operations and of what helps them, but no samples,
//! no tests, no messages and no macros.

use std::ops::Range;

use proc_macro2::LineColumn;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Expr, FnArg, ImplItem, Pat, ReturnType, Signature, Stmt, Type};

use super::mistakes::{Kind, Mistake, has_let, mistakes, negated, range};

/// A mistake with the place where it is planted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mutant {
    /// What kind of mistake it is.
    pub(super) kind: Kind,
    /// The line of the mistake, from 1.
    pub(super) line: usize,
    /// The function, or the operation.
    pub(super) within: String,
    /// What is replaced.
    pub(super) original: String,
    /// Its bytes.
    pub(super) range: Range<usize>,
    /// What is written there instead.
    pub(super) text: String,
    /// How it is chosen at run time.
    pub(super) plant: Plant,
}

/// How a mutant is chosen at run time.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plant {
    /// By a condition around an expression, which has these bytes.
    Site(Range<usize>),
    /// By a value less among those that argument `argument` of the operation declares.
    Needs {
        /// The operation's name.
        operation: String,
        /// The number of the argument.
        argument: usize,
    },
}

/// All mutants of a file in the order of the text, and the names of its operations.
///
/// # Errors
/// If the text is no Rust.
pub(super) fn mutants(text: &str) -> syn::Result<(Vec<Mutant>, Vec<String>)> {
    let file = syn::parse_file(text)?;
    let mut places = Places {
        text,
        scopes: Vec::new(),
        site: None,
        within: String::new(),
        mutants: Vec::new(),
        names: Vec::new(),
    };
    places.visit_file(&file);
    places.mutants.sort_by_key(|mutant| mutant.range.start);
    Ok((places.mutants, places.names))
}

/// Functions that say what is tried, not what is computed.
const OF_SAMPLES: [&str; 3] = ["points", "variants", "timed"];

/// A variable, and what tells its type apart from others.
type Variable = (String, String);

struct Places<'a> {
    text: &'a str,
    scopes: Vec<Vec<Variable>>,
    site: Option<Range<usize>>,
    within: String,
    mutants: Vec<Mutant>,
    names: Vec<String>,
}

impl Places<'_> {
    fn add(&mut self, mistake: Mistake, start: LineColumn) {
        let Some(site) = self.site.clone() else { return };
        let Mistake { kind, range, text } = mistake;
        let (line, within) = (start.line, self.within.clone());
        let original = self.text[range.clone()].to_string();
        self.mutants.push(Mutant { kind, line, within, original, range, text, plant: Plant::Site(site) });
    }

    /// Visits an expression that can be chosen as a whole.
    fn visit_site(&mut self, expr: &Expr) {
        if let Expr::Block(block) = expr {
            return self.visit_block(&block.block);
        }
        let outer = self.site.replace(range(expr));
        self.visit_expr(expr);
        self.site = outer;
    }

    fn visit_function(&mut self, signature: &Signature, block: &Block) {
        let returned = signature.output.to_token_stream().to_string();
        let name = signature.ident.to_string();
        if signature.constness.is_some() || returned.contains("Sample") || OF_SAMPLES.contains(&&name[..]) {
            return;
        }
        let outer = std::mem::replace(&mut self.within, name);
        let typed = signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(variables(&typed.pat, &type_of_elements(&typed.ty))),
            FnArg::Receiver(_) => None,
        });
        self.scopes.push(typed.flatten().collect());
        self.visit_block(block);
        if let Some(Stmt::Expr(tail, None)) = block.stmts.last()
            && !matches!(signature.output, ReturnType::Default)
            && let Some(mistake) = negated(self.text, tail)
        {
            self.site = Some(range(tail));
            self.add(mistake, tail.span().start());
            self.site = None;
        }
        self.scopes.pop();
        self.within = outer;
    }

    /// The variables in scope that a name may be taken for.
    fn others(&self, name: &syn::Ident) -> Vec<String> {
        let name = name.to_string();
        let all = || self.scopes.iter().flatten();
        let Some((_, kind)) = self.scopes.iter().rev().flatten().find(|(other, _)| *other == name) else {
            return Vec::new();
        };
        let mut others: Vec<String> = all()
            .filter(|(other, of)| of == kind && *other != name)
            .map(|(other, _)| other.clone())
            .collect();
        others.sort();
        others.dedup();
        others
    }

    fn visit_needs(&mut self, operation: &str, expr: &Expr) {
        let arguments: Vec<&Expr> = match expr {
            Expr::Array(array) => array.elems.iter().collect(),
            other => vec![other],
        };
        for (argument, expr) in arguments.into_iter().enumerate() {
            let mut found = Declared(Vec::new());
            found.visit_expr(expr);
            for (place, line) in found.0 {
                self.mutants.push(Mutant {
                    kind: Kind::Needs,
                    line,
                    within: operation.to_string(),
                    original: self.text[place.clone()].to_string(),
                    range: place,
                    text: "Needs::NONE".to_string(),
                    plant: Plant::Needs { operation: operation.to_string(), argument },
                });
            }
        }
    }
}

impl<'ast> Visit<'ast> for Places<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test(&item.attrs) {
            self.visit_function(&item.sig, &item.block);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.visit_function(&item.sig, &item.block);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let constant = |name: &str| {
            item.items.iter().find_map(|item| match item {
                ImplItem::Const(constant) if constant.ident == name => Some(&constant.expr),
                _ => None,
            })
        };
        if let Some(Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. })) = constant("NAME") {
            self.names.push(name.value());
            if let Some(needs) = constant("NEEDS") {
                self.visit_needs(&name.value(), needs);
            }
        }
        for item in &item.items {
            if let ImplItem::Fn(function) = item {
                self.visit_impl_item_fn(function);
            }
        }
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.scopes.push(Vec::new());
        let outer = self.site.take();
        for statement in &block.stmts {
            match statement {
                Stmt::Local(local) => {
                    if let Some(init) = &local.init {
                        match &init.diverge {
                            None => self.visit_site(&init.expr),
                            // No `}` may stand before this `else`.
                            Some((_, diverge)) => self.visit_site(diverge),
                        }
                    }
                    // Only the variables of one pattern may be taken for each other.
                    let kind = format!("let {:?}", range(&local.pat));
                    let new = variables(&local.pat, &kind);
                    self.scopes.last_mut().expect("a block has a scope").extend(new);
                }
                Stmt::Expr(expr, _) => self.visit_site(expr),
                Stmt::Item(item) => self.visit_item(item),
                Stmt::Macro(_) => {}
            }
        }
        self.site = outer;
        self.scopes.pop();
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        if is_message(expr) {
            return;
        }
        for mistake in mistakes(self.text, expr, |name| self.others(name)) {
            self.add(mistake, expr.span().start());
        }
        match expr {
            Expr::Closure(closure) => {
                let new = closure.inputs.iter().flat_map(|input| match input {
                    Pat::Type(typed) => variables(&typed.pat, &type_of_elements(&typed.ty)),
                    other => variables(other, "of a closure"),
                });
                self.scopes.push(new.collect());
                self.visit_site(&closure.body);
                self.scopes.pop();
            }
            Expr::If(branch) => {
                if has_let(&branch.cond) {
                    self.visit_expr(&branch.cond);
                } else {
                    self.visit_site(&branch.cond);
                }
                self.visit_block(&branch.then_branch);
                if let Some((_, other)) = &branch.else_branch {
                    // What follows `else` cannot be another `if` around it.
                    match &**other {
                        Expr::Block(block) => self.visit_block(&block.block),
                        other => self.visit_expr(other),
                    }
                }
            }
            Expr::Match(choice) => {
                self.visit_expr(&choice.expr);
                for arm in &choice.arms {
                    if let Pat::Guard(pattern) = &arm.pat
                        && !has_let(&pattern.guard)
                    {
                        self.visit_site(&pattern.guard);
                    }
                    self.visit_site(&arm.body);
                }
            }
            Expr::ForLoop(repeated) => {
                self.visit_expr(&repeated.expr);
                self.scopes.push(variables(&repeated.pat, "of a closure"));
                self.visit_block(&repeated.body);
                self.scopes.pop();
            }
            // Only the type of `x` matters in `x.lit(2.0)`.
            Expr::MethodCall(call) if call.method == "lit" => {
                call.args.iter().for_each(|argument| self.visit_expr(argument));
            }
            Expr::Const(_) => {}
            other => visit::visit_expr(self, other),
        }
    }

    fn visit_pat(&mut self, _: &'ast Pat) {}

    fn visit_type(&mut self, _: &'ast Type) {}

    // What stands between `<` and `>` is no value.
    fn visit_angle_bracketed_generic_arguments(&mut self, _: &'ast syn::AngleBracketedGenericArguments) {}
}

/// The values that an argument declares, with their lines.
struct Declared(Vec<(Range<usize>, usize)>);

impl<'ast> Visit<'ast> for Declared {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        let path = match expr {
            Expr::Call(call) => &*call.func,
            other => other,
        };
        let last = match path {
            Expr::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
            _ => None,
        };
        match last.as_deref() {
            Some("input" | "OUTPUT") => self.0.push((range(expr), expr.span().start().line)),
            _ => visit::visit_expr(self, expr),
        }
    }
}

/// Whether an expression only makes a message.
fn is_message(expr: &Expr) -> bool {
    match expr {
        Expr::MethodCall(call) => is_message(&call.receiver),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => path.path.is_ident("Err") || path.path.segments[0].ident == "Mismatch",
            _ => false,
        },
        _ => false,
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.to_token_stream().to_string().contains("test")
    })
}

/// The type of what an array or a slice pattern binds; any other type as it is.
fn type_of_elements(ty: &Type) -> String {
    match ty {
        Type::Array(array) => array.elem.to_token_stream().to_string(),
        other => other.to_token_stream().to_string(),
    }
}

/// The names that a pattern binds.
fn variables(pattern: &Pat, kind: &str) -> Vec<Variable> {
    struct Names<'a>(Vec<Variable>, &'a str);
    impl<'ast> Visit<'ast> for Names<'_> {
        fn visit_pat_ident(&mut self, name: &'ast syn::PatIdent) {
            self.0.push((name.ident.to_string(), self.1.to_string()));
        }
    }
    let mut names = Names(Vec::new(), kind);
    names.visit_pat(pattern);
    names.0
}
