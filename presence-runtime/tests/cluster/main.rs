//! Several hubs as nodes of one cluster, over an engine in memory that fails on command. Time is virtual.

mod alike;
mod faults;
mod figures;
mod house;
mod moving;
mod orders;
mod seeing;
mod socket;
