//! The command line of `cargo xtask`.
//!
//! What the commands do is in the library.
#![forbid(unsafe_code)]

use std::process::ExitCode;

struct Command {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), String>,
}

const COMMANDS: [Command; 5] = [
    Command { name: "check", about: "format, clippy, tests, documentation: what CI runs", run: check },
    Command {
        name: "tidy",
        about: "the rules that the compiler does not know (also run as tests)",
        run: tidy,
    },
    Command { name: "ops", about: "writes docs/ops.md (that it is up to date is also a test)", run: ops },
    Command {
        name: "mutate",
        about: "mistakes planted in the operations, and whether the tests catch them [--file ops/power.rs] [--in slope]",
        run: mutate,
    },
    Command {
        name: "compare",
        about: "Wengert and its peers in alternating rounds, into docs/benchmarks.md [steps|products|page] [--rounds 3] \
                [--seconds 1] [--row NAME] [--only wengert,torch] [--python PATH] [--write]",
        run: compare,
    },
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
    let (name, rest) = match arguments {
        [] => ("help", arguments),
        [name, rest @ ..] => (name.as_str(), rest),
    };
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(rest),
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

fn expect_none(name: &str, arguments: &[String]) -> Result<(), String> {
    match arguments {
        [] => Ok(()),
        _ => Err(format!("xtask: `{name}` takes no arguments, got {}\n\n{}", arguments.len(), help())),
    }
}

fn check(arguments: &[String]) -> Result<(), String> {
    expect_none("check", arguments)?;
    xtask::check::run(&xtask::check::STEPS, |step| {
        println!("==> {step}");
        step.succeeds_in(xtask::root())
    })?;
    println!("==> all passed");
    Ok(())
}

fn tidy(arguments: &[String]) -> Result<(), String> {
    expect_none("tidy", arguments)?;
    let tree = xtask::tree::Tree::read(xtask::root()).map_err(|error| format!("tidy: {error}"))?;
    let report = xtask::tidy::report(&xtask::rules::RULES, &tree);
    if report.is_empty() {
        println!("tidy: {} files obey {} rules", tree.files().len(), xtask::rules::RULES.len());
        return Ok(());
    }
    Err(report)
}

fn ops(arguments: &[String]) -> Result<(), String> {
    expect_none("ops", arguments)?;
    let step = xtask::check::OPS_PAGE;
    if step.succeeds_in(xtask::root()) { Ok(()) } else { Err(format!("ops: {step} failed")) }
}

fn mutate(arguments: &[String]) -> Result<(), String> {
    xtask::mutate::run(&xtask::mutate::Options::parse(arguments)?)
}

fn compare(arguments: &[String]) -> Result<(), String> {
    xtask::compare::run(&xtask::compare::Options::parse(arguments)?)
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
                        ops      writes docs/ops.md (that it is up to date is also a test)\n  \
                        mutate   mistakes planted in the operations, and whether the tests catch them \
                        [--file ops/power.rs] [--in slope]\n  compare  Wengert and its peers in alternating rounds, into \
                        docs/benchmarks.md [steps|products|page] [--rounds 3] [--seconds 1] [--row NAME] \
                        [--only wengert,torch] [--python PATH] [--write]";
        assert_eq!(help(), expected);
    }

    #[test]
    fn wrong_arguments_get_the_help() {
        assert_eq!(error_of(&["tody"]), format!("xtask: unknown command `tody`\n\n{}", help()));
        assert_eq!(
            error_of(&["tidy", "now"]),
            format!("xtask: `tidy` takes no arguments, got 1\n\n{}", help())
        );
    }
}
