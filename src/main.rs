//! The `dibao` program: see [`dibao::cli`].

fn main() -> std::process::ExitCode {
    dibao::cli::main()
}
