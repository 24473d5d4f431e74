//! What judges values at run time: one file, which all generated ones share.
//!
//! It is one file so that what its parts have among themselves is exported to nobody. They see each other's names without
//! imports, and stand here in the order in which they are emitted.

/// The text of `schema.ts`: what whoever validates sees, what schemas are made of, and the walk over a value.
pub(super) const TEXT: &str = concat!(
    include_str!("violation.ts"),
    "\n",
    include_str!("schema.ts"),
    "\n",
    include_str!("input.ts"),
    "\n",
    include_str!("scalars.ts"),
    "\n",
    include_str!("nests.ts"),
    "\n",
    include_str!("variants.ts"),
    "\n",
    include_str!("walk.ts"),
    "\n",
    include_str!("print.ts"),
    "\n",
    include_str!("words.ts"),
    "\n",
    include_str!("nearest.ts"),
);
