//! Files of others: what they hold, and what of them is refused.

mod arrays;
mod chunks;
mod damaged;
mod hostile;
mod pictures;
mod real_data;
mod support;
mod tables;
