//! The command line of `cargo xtask`.
//!
//! What the commands do is in the library.
#![forbid(unsafe_code)]

use std::process::ExitCode;

struct Command {
    name: &'static str,
    about: &'static str,
    run: fn() -> Result<(), String>,
}

const COMMANDS: [Command; 3] = [
    Command { name: "check", about: "format, clippy, tests, documentation: what CI runs", run: check },
    Command {
        name: "tidy",
        about: "the rules that the compiler does not know (also run as tests)",
        run: tidy,
    },
    Command { name: "ops", about: "writes docs/ops.md (that it is up to date is also a test)", run: ops },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), String> {
    let name = match arguments {
        [] => "help",
        [name] => name.as_str(),
        _ => return Err(format!("xtask: expected one command, got {}\n\n{}", arguments.len(), help())),
    };
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(),
        None if ["help", "--help", "-h"].contains(&name) => {
            println!("{}", help());
            Ok(())
        }
        None => Err(format!("xtask: unknown command `{name}`\n\n{}", help())),
    }
}

fn help() -> String {
    let lines: Vec<String> =
        COMMANDS.iter().map(|command| format!("  {:8} {}", command.name, command.about)).collect();
    format!("usage: cargo xtask <command>\n\n{}", lines.join("\n"))
}

fn check() -> Result<(), String> {
    xtask::check::run(&xtask::check::STEPS, |step| {
        println!("==> {step}");
        step.succeeds_in(xtask::root())
    })?;
    println!("==> all passed");
    Ok(())
}

fn tidy() -> Result<(), String> {
    let tree = xtask::tree::Tree::read(xtask::root()).map_err(|error| format!("tidy: {error}"))?;
    let report = xtask::tidy::report(&xtask::rules::RULES, &tree);
    if report.is_empty() {
        println!("tidy: {} files obey {} rules", tree.files().len(), xtask::rules::RULES.len());
        return Ok(());
    }
    Err(report)
}

fn ops() -> Result<(), String> {
    let step = xtask::check::OPS_PAGE;
    if step.succeeds_in(xtask::root()) { Ok(()) } else { Err(format!("ops: {step} failed")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn error_of(arguments: &[&str]) -> String {
        let arguments: Vec<String> = arguments.iter().map(|argument| argument.to_string()).collect();
        run(&arguments).expect_err("the arguments are wrong")
    }

    #[test]
    fn help_names_every_command() {
        let expected = "usage: cargo xtask <command>\n\n  check    format, clippy, tests, documentation: what CI runs\n  \
                        tidy     the rules that the compiler does not know (also run as tests)\n  \
                        ops      writes docs/ops.md (that it is up to date is also a test)";
        assert_eq!(help(), expected);
    }

    #[test]
    fn wrong_arguments_get_the_help() {
        assert_eq!(error_of(&["tody"]), format!("xtask: unknown command `tody`\n\n{}", help()));
        assert_eq!(error_of(&["tidy", "now"]), format!("xtask: expected one command, got 2\n\n{}", help()));
    }
}
