//! The binary `sockscope`: hands the command line over and turns the answer into an exit status.

fn main() -> std::process::ExitCode {
    sockscope::cli::main()
}
