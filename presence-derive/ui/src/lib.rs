//! The tests of this crate compile types with mistakes and read what the compiler says about them.
//! They are a crate of their own because trybuild builds the dependencies once more.
