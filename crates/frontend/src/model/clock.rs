//! The server's clock as seen from here.
