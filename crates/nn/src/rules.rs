//! The rules that a description of a layer gives a parameter when it is built.

use wengert_tensor::{Constraint, Param, Regularizer};

/// A constraint and a regularizer, or none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) constraint: Option<Constraint>,
    pub(crate) regularizer: Option<Regularizer>,
}

impl Rules {
    /// The parameter with these rules.
    #[track_caller]
    pub(crate) fn given_to(self, mut param: Param) -> Param {
        if let Some(constraint) = self.constraint {
            param = param.constrained(constraint);
        }
        if let Some(regularizer) = self.regularizer {
            param = param.regularized(regularizer);
        }
        param
    }
}
