//! Stopping, on purpose: everybody is told, and it ends in time.

use cpumonitor_common::HostStatus;
use cpumonitor_common::wire::{CloseCode, ServerToAgent};

use crate::support::{AgentProgram, Proxy, ServerProgram, TestFleet, TestViewer};

/// SIGTERM with agents and viewers connected: a clean end, within the grace.
#[cfg(unix)]
#[tokio::test]
async fn a_server_that_is_told_to_stop_ends_cleanly() {
    let mut server = ServerProgram::start(&["--print", "none"]).await;
    let mut agent = AgentProgram::start(&server.address.into(), "here").await;
    let mut viewer = TestViewer::open(server.address.into(), "/").await;
    viewer.until("the host", |page| page.cpu("here").is_some()).await;

    server.program.terminate();
    let (code, output) = server.program.end().await;
    assert_eq!(code, Some(0), "{output}");
    let told = loop {
        if let Err(error) = viewer.hear().await {
            break error;
        }
    };
    assert_eq!(told.close_code(), Some(CloseCode::GoingAway), "{told}");

    agent.program.terminate();
    let (code, output) = agent.program.end().await;
    assert_eq!(code, Some(0), "an agent without a server stops as well: {output}");
}

/// Agents are told when to come back.
#[tokio::test]
async fn a_stopping_server_tells_agents_to_come_back() {
    let mut fleet = TestFleet::start().await;
    let mut web_1 = fleet.agent("web-1").await;
    web_1.report_cpu(0.5).await;
    fleet.counted("cpumonitor_rows_total", 1).await;
    let (stopped, heard) = tokio::join!(fleet.stop(), async {
        let mut heard = Vec::new();
        loop {
            match web_1.link.hear().await {
                Ok(message) => heard.push(message),
                Err(error) => break (heard, error),
            }
        }
    });
    stopped.expect("everybody leaves within the grace");
    let (messages, end) = heard;
    assert!(messages.iter().any(|message| matches!(message, ServerToAgent::Retry { .. })), "{messages:?}");
    assert_eq!(end.close_code(), Some(CloseCode::GoingAway), "{end}");
}

/// A peer that neither reads nor answers does not hold the server up.
#[tokio::test]
async fn nobody_can_hold_up_the_end() {
    let mut fleet = TestFleet::start().await;
    let network = Proxy::before(fleet.address()).await;
    let _agent = fleet.agent_through(&network, "web-1").await;
    let _viewer = TestViewer::open(network.target(), "/").await;
    network.stall();
    fleet.stop().await.expect("everybody leaves within the grace");
}

/// An agent that is stopped and started again is the same host, and alive again.
#[cfg(unix)]
#[tokio::test]
async fn a_restarted_agent_is_the_same_host() {
    let fleet = TestFleet::start().await;
    let mut agent = AgentProgram::start(&fleet.target(), "here").await;
    let mut viewer = fleet.viewer().await;
    viewer.until("a live host", |page| page.status("here") == Some(HostStatus::Live)).await;
    let before = viewer.id_of("here");

    agent.program.terminate();
    assert_eq!(agent.program.end().await.0, Some(0), "{}", agent.program.output());
    viewer.until("a stopped host", |page| page.status("here") == Some(HostStatus::Stopped)).await;
    agent.start_again().await;
    viewer.until("a live host again", |page| page.status("here") == Some(HostStatus::Live)).await;
    assert_eq!(viewer.id_of("here"), before);
    assert_eq!(viewer.model.fleet().len(), 1);
}
