//! What `#[derive(Module)]` writes compiles, and visits the fields in order under their paths.
//!
//! A stand-in for the trait is used here, which lists paths; the real one is tested in `wengert-tensor`.
#![deny(warnings, clippy::all, clippy::pedantic)]

use wengert_derive::Module;

/// The trait's shape, with visitors that collect the paths of numbers.
mod stand_in {
    pub(crate) trait Module {
        fn visit<'m>(&'m self, path: &module::Path<'_>, visitor: &mut dyn module::Visitor<'m>);
        fn visit_mut(&mut self, path: &module::Path<'_>, visitor: &mut dyn module::VisitorMut);
    }

    pub(crate) mod module {
        pub(crate) struct Path<'a>(pub(crate) String, pub(crate) std::marker::PhantomData<&'a ()>);

        impl Path<'_> {
            pub(crate) fn field(&self, name: &'static str) -> Path<'_> {
                Path(format!("{}.{name}", self.0), std::marker::PhantomData)
            }

            pub(crate) fn index(&self, index: usize) -> Path<'_> {
                Path(format!("{}.{index}", self.0), std::marker::PhantomData)
            }
        }

        pub(crate) trait Visitor<'m> {
            fn number(&mut self, path: &Path<'_>, value: &'m f64);
        }

        pub(crate) trait VisitorMut {
            fn number(&mut self, path: &Path<'_>, value: &mut f64);
        }
    }

    impl Module for f64 {
        fn visit<'m>(&'m self, path: &module::Path<'_>, visitor: &mut dyn module::Visitor<'m>) {
            visitor.number(path, self);
        }

        fn visit_mut(&mut self, path: &module::Path<'_>, visitor: &mut dyn module::VisitorMut) {
            visitor.number(path, self);
        }
    }

    impl<M: Module> Module for Option<Box<M>> {
        fn visit<'m>(&'m self, path: &module::Path<'_>, visitor: &mut dyn module::Visitor<'m>) {
            if let Some(inner) = self {
                inner.as_ref().visit(path, visitor);
            }
        }

        fn visit_mut(&mut self, path: &module::Path<'_>, visitor: &mut dyn module::VisitorMut) {
            if let Some(inner) = self {
                inner.as_mut().visit_mut(path, visitor);
            }
        }
    }
}

use stand_in::module::{Path, Visitor, VisitorMut};

#[derive(Default)]
struct Listing<'m>(Vec<(String, &'m f64)>);

impl<'m> Visitor<'m> for Listing<'m> {
    fn number(&mut self, path: &Path<'_>, value: &'m f64) {
        self.0.push((path.0.clone(), value));
    }
}

/// Multiplies every number by ten.
struct Tenfold;

impl VisitorMut for Tenfold {
    fn number(&mut self, _: &Path<'_>, value: &mut f64) {
        *value *= 10.0;
    }
}

/// Checks what is visited, and that `visit_mut` reaches the same.
#[track_caller]
fn check<M: stand_in::Module>(mut module: M, expected: &[(&str, f64)]) {
    assert_eq!(listed(&module), expected.iter().map(|&(path, x)| (path.to_string(), x)).collect::<Vec<_>>());
    module.visit_mut(&Path("m".to_string(), std::marker::PhantomData), &mut Tenfold);
    let tenfold: Vec<_> = expected.iter().map(|&(path, x)| (path.to_string(), x * 10.0)).collect();
    assert_eq!(listed(&module), tenfold);
}

fn listed<M: stand_in::Module>(module: &M) -> Vec<(String, f64)> {
    let mut listing = Listing::default();
    module.visit(&Path("m".to_string(), std::marker::PhantomData), &mut listing);
    listing.0.into_iter().map(|(path, x)| (path, *x)).collect()
}

/// Something that is no module.
struct Opaque;

#[derive(Module)]
#[module(crate = "crate::stand_in")]
struct Named {
    // Names that the generated code could meet, if it were not hygienic.
    path: f64,
    visitor: f64,
    r#type: f64,
    #[module(skip)]
    _opaque: Opaque,
}

#[derive(Module)]
#[module(crate = "stand_in")]
struct Tuple(f64, #[module(skip)] Opaque, Named);

#[derive(Module)]
#[module(crate = "stand_in")]
struct Unit;

#[derive(Module)]
#[module(crate = "stand_in")]
enum Never {}

#[derive(Module)]
#[module(crate = "stand_in")]
enum Choice<L, S> {
    Unit,
    Tuple(L, f64),
    Named {
        path: f64,
        visitor: L,
        #[module(skip)]
        _state: S,
    },
    Empty {},
}

#[derive(Module)]
#[module(crate = "stand_in")]
struct Chain<L> {
    value: L,
    next: Option<Box<Chain<L>>>,
}

#[derive(Module)]
#[module(crate = "stand_in")]
struct Generic<L: Clone, const N: usize>
where
    L: PartialOrd,
{
    inner: L,
    #[module(skip)]
    _names: [&'static str; N],
}

const fn named(start: f64) -> Named {
    Named { path: start, visitor: start + 1.0, r#type: start + 2.0, _opaque: Opaque }
}

#[test]
fn structs_are_visited_in_order() {
    check(named(1.0), &[("m.path", 1.0), ("m.visitor", 2.0), ("m.type", 3.0)]);
    check(
        Tuple(1.0, Opaque, named(2.0)),
        &[("m.0", 1.0), ("m.2.path", 2.0), ("m.2.visitor", 3.0), ("m.2.type", 4.0)],
    );
    check(Unit, &[]);
}

#[test]
fn enums_are_visited_without_the_variants_name() {
    check(Choice::<f64, Opaque>::Unit, &[]);
    check(Choice::<f64, Opaque>::Empty {}, &[]);
    check(Choice::<f64, Opaque>::Tuple(1.0, 2.0), &[("m.0", 1.0), ("m.1", 2.0)]);
    check(Choice::Named { path: 1.0, visitor: 2.0, _state: Opaque }, &[("m.path", 1.0), ("m.visitor", 2.0)]);
    check(None::<Box<Never>>, &[]);
}

#[test]
fn generics_ask_only_for_what_they_visit() {
    check(Generic { inner: 1.0, _names: ["a", "b"] }, &[("m.inner", 1.0)]);
}

#[test]
fn recursive_types_are_visited_to_the_end() {
    let last = Chain { value: 2.0, next: None };
    check(Chain { value: 1.0, next: Some(Box::new(last)) }, &[("m.value", 1.0), ("m.next.value", 2.0)]);
}
