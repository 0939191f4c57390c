//! From the start of an agent's process to its first right answer.

use crate::answers::Answers;
use crate::connection::Connection;
use crate::frames::{first_frame, templates, Speech};
use crate::poller::now;
use serde_json::{json, Value};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PATIENCE: u64 = 60_000_000_000;
const PAUSE: Duration = Duration::from_micros(500);

pub fn measure(socket: &str, speech: Speech, command: &[String]) -> Result<Value, String> {
    let _ = std::fs::remove_file(socket);
    let (program, args) = command.split_first().ok_or("no command to start")?;
    let begin = now();
    let mut agent = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|e| format!("{program}: {e}"))?;
    let result = wait(socket, speech, begin, &mut agent);
    // SAFETY: the child is still ours: it has not been waited for.
    unsafe { libc::kill(agent.id() as i32, libc::SIGTERM) };
    agent.wait().map_err(|e| e.to_string())?;
    result
}

fn wait(socket: &str, speech: Speech, begin: u64, agent: &mut Child) -> Result<Value, String> {
    let mut connection = loop {
        if let Ok(connection) = Connection::open(socket, 0, speech, 1) {
            break connection;
        }
        check(begin, agent)?;
        std::thread::sleep(PAUSE);
    };
    let ready = now();
    let mut templates = templates(speech, 10);
    connection.send(&mut templates[0], ready);
    connection.flush().map_err(|e| e.to_string())?;
    let mut answers = Answers::new(speech);
    loop {
        if !connection.receive().map_err(|e| e.to_string())? {
            return Err("the agent closed the connection".to_owned());
        }
        let (bytes, filled) = connection.take_received();
        if let Some((frame, _)) = first_frame(&bytes[..filled]) {
            let answered = now();
            let right = answers.read(frame).is_some_and(|said| {
                connection.slot_of(said.id).is_some() && said.verdict == Some(templates[0].verdict)
            });
            if !right {
                return Err(format!(
                    "the first answer is wrong: {}",
                    String::from_utf8_lossy(frame)
                ));
            }
            return Ok(json!({
                "ready_ms": (ready - begin) as f64 / 1e6,
                "answered_ms": (answered - begin) as f64 / 1e6,
            }));
        }
        connection.give_back(bytes, 0);
        check(begin, agent)?;
        std::thread::sleep(Duration::from_micros(50));
    }
}

fn check(begin: u64, agent: &mut Child) -> Result<(), String> {
    if let Some(status) = agent.try_wait().map_err(|e| e.to_string())? {
        return Err(format!("the agent ended: {status}"));
    }
    match now() - begin > PATIENCE {
        true => Err("no answer within a minute".to_owned()),
        false => Ok(()),
    }
}
