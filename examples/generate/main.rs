//! Writes what is made from the program's own tables: `completions/`, `man/`, the JSON Schema of
//! the configuration, and the tables in `docs/`. A test compares them.

mod generated;

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    for (name, text) in generated::files()? {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&name);
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            println!("{name}");
            fs::write(path, text)?;
        }
    }
    Ok(())
}
