//! The server's command line: parse, bind, say where, run.

fn main() {}
