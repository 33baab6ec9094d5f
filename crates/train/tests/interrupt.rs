//! Ctrl-C while a model trains: in a process of its own, which is sent the signal.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use wengert_nn::{Dense, Layer, MeanSquaredError, Sequential};
use wengert_optim::Adam;
use wengert_tensor::{Rng, Tensor};
use wengert_train::{Compile, Compiled, Fit, History, Interrupt, On};

/// Tells the process that a test has started which part it plays.
const PART: &str = "WENGERT_TEST_PART";

fn model() -> Compiled<Sequential> {
    let model = Sequential::new([2]).add(Dense::units(4).tanh()).add(Dense::units(1));
    model.compile(Adam::new(0.01), MeanSquaredError::new())
}

fn trained(model: &mut Compiled<Sequential>, fit: Fit) -> History {
    let x = Tensor::randn([40, 2], &mut Rng::seed(4));
    let y = x.sum_axes(1).reshape([40, 1]);
    model.fit(&x, &y, fit.batch_size(8).validation_split(0.2).verbose(0)).expect("a history")
}

fn say(line: &str) {
    println!("{line}");
    std::io::stdout().flush().expect("said");
}

/// Waits for something that does not come.
fn wait() {
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// Says that it is ready in the third epoch, and goes on.
fn ready_in_epoch_3() -> On<impl FnMut(&mut wengert_train::Run<'_>) + Clone + Send + Sync + 'static> {
    On::batch_end(|run| {
        if (run.epoch(), run.step()) == (3, 2) {
            say("ready");
        }
    })
}

/// What the process does that is interrupted. Without a part it does nothing: it is no test of its own.
#[test]
fn part() {
    match std::env::var(PART).as_deref() {
        Ok("train") => {
            let mut interrupted = model();
            let fit = Fit::epochs(10_000_000).callback(ready_in_epoch_3()).callback(Interrupt::ctrl_c());
            let history = trained(&mut interrupted, fit);
            let stopped = history.stopped().expect("it was stopped");
            assert_eq!((stopped.reason.as_str(), stopped.epoch), ("interrupt: Ctrl-C", history.epochs()));
            assert!(stopped.epoch >= 3 && history["val_loss"].len() == history.epochs());

            // The same batches in a training that nobody interrupts give the same weights and history: it ends where the
            // other did, which one of the four batches of the last epoch tells.
            let same = (1..=4).any(|last| {
                let end = stopped.epoch;
                let stop = On::batch_end(move |run| {
                    if (run.epoch(), run.step()) == (end, last) {
                        run.stop("interrupt: Ctrl-C");
                    }
                });
                let mut other = model();
                let others = trained(&mut other, Fit::epochs(10_000_000).callback(stop));
                let x = Tensor::ones([1, 2]);
                others == history && other.forward(&x).item() == interrupted.forward(&x).item()
            });
            say(if same { "same" } else { "other" });
            wait();
        }
        Ok("stuck") => {
            let stuck = On::batch_end(|_| {
                say("ready");
                wait();
            });
            trained(&mut model(), Fit::epochs(1).callback(stuck).callback(Interrupt::ctrl_c()));
        }
        Ok("own handler") => {
            ctrlc::set_handler(|| say("own")).expect("the first handler");
            let history = trained(&mut model(), Fit::epochs(2).callback(Interrupt::ctrl_c()));
            assert_eq!(history.stopped(), None);
            say("ready");
            wait();
        }
        _ => {}
    }
}

/// What starts a program that does not ignore the signal, even if these tests do: shells start so what they do not wait for.
fn with_signals() -> Command {
    let mut env = Command::new("env");
    let option = "--default-signal=INT";
    let is_known =
        env.args([option, "true"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    let mut env = Command::new("env");
    if is_known {
        env.arg(option);
    }
    env
}

/// A process that plays a part, and the lines that it says.
struct Process {
    child: Child,
    lines: Box<dyn Iterator<Item = String>>,
}

impl Process {
    fn start(part: &str) -> Process {
        let mut child = with_signals()
            .arg(std::env::current_exe().expect("this program"))
            .args(["part", "--exact", "--nocapture", "--test-threads=1"])
            .env(PART, part)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        Process { child, lines: Box::new(lines.map(|line| line.expect("a line"))) }
    }

    #[track_caller]
    fn expect(&mut self, line: &str) {
        assert!(self.lines.any(|other| other.ends_with(line)), "`{line}` was not said");
    }

    fn interrupt(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
    }

    /// Interrupts again and again until it ends: signals that come at once are one. The code that it ends with.
    fn end(mut self) -> Option<i32> {
        loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                return status.code();
            }
            let id = self.child.id().to_string();
            let _ = Command::new("kill").args(["-INT", &id]).stderr(Stdio::null()).status();
        }
    }
}

#[test]
fn the_first_ends_the_training_with_its_weights_and_one_after_it_the_program() {
    let mut process = Process::start("train");
    process.expect("ready");
    process.interrupt();
    process.expect("same");
    assert_eq!(process.end(), Some(130));
}

#[test]
fn the_second_ends_the_program() {
    let mut process = Process::start("stuck");
    process.expect("ready");
    assert_eq!(process.end(), Some(130));
}

#[test]
fn a_handler_of_the_program_stays() {
    let mut process = Process::start("own handler");
    process.expect("ready");
    process.interrupt();
    process.expect("own");
    process.child.kill().expect("ended");
    process.child.wait().expect("ended");
}
