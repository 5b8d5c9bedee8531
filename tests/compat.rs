//! The clients of 2018, byte for byte, as captured from the unmodified originals.

use std::net::SocketAddr;

use cpumonitor_common::HostStatus;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{DEADLINE, ServerProgram, TestFleet, get};

/// A client of 2018, down to its headers: a capital W in `WebSocket`, no origin, no sub-protocol.
struct OldClient {
    stream: TcpStream,
}

impl OldClient {
    async fn connect(server: SocketAddr) -> OldClient {
        let mut stream = TcpStream::connect(server).await.expect("the server listens");
        let request = format!(
            "GET /webservices/cpu/ HTTP/1.1\r\nUser-Agent: AutobahnPython/18.6.1\r\nHost: {server}\r\n\
             Upgrade: WebSocket\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("the server answers"));
        }
        let head = String::from_utf8(head).expect("a head is text").to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 101"), "{head}");
        // The answer to this key is in RFC 6455 §1.3.
        assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
        assert!(!head.contains("sec-websocket-protocol"), "nothing was offered: {head}");
        OldClient { stream }
    }

    /// One masked, final text frame, as Autobahn makes it.
    async fn says(&mut self, text: &str) {
        let mask = [0x12, 0x34, 0x56, 0x78];
        let length = u8::try_from(text.len()).expect("their messages are short");
        let mut frame = vec![0x81, 0x80 | length];
        frame.extend(mask);
        frame.extend(text.bytes().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        self.stream.write_all(&frame).await.expect("the server reads");
    }

    /// The next bytes, which must be exactly one unmasked, final text frame with this text.
    async fn is_told(&mut self, text: &str) {
        let mut expected = vec![0x81, u8::try_from(text.len()).expect("their answers are short")];
        expected.extend(text.bytes());
        let mut told = vec![0; expected.len()];
        let heard = timeout(DEADLINE, self.stream.read_exact(&mut told)).await;
        heard.expect("an answer comes").expect("the connection lives");
        assert_eq!(String::from_utf8_lossy(&told), String::from_utf8_lossy(&expected));
    }
}

#[tokio::test]
async fn a_client_of_2018_is_heard_and_answered() {
    let fleet = TestFleet::start().await;
    let mut client = OldClient::connect(fleet.address()).await;
    client.says("CPU usages from client2: 12.5%").await;
    client.is_told("Current CPU usage is CPU usages from client2: 12.5% ").await;
    let mut viewer = fleet.viewer().await;
    viewer.until("12.5 %", |page| page.cpu("client2@127.0.0.1") == Some(0.125)).await;

    // The revision of 4 June 2018 sent no percent sign.
    client.says("CPU usages from client2: 100.0").await;
    client.is_told("Current CPU usage is CPU usages from client2: 100.0 ").await;
    viewer.until("100 %", |page| page.cpu("client2@127.0.0.1") == Some(1.0)).await;

    let host = &fleet.json("/api/v1/hosts").await["hosts"][0];
    assert_eq!(host["tags"]["source"], "2018");
}

#[tokio::test]
async fn two_clients_of_one_label_are_two_hosts() {
    let fleet = TestFleet::start().await;
    let mut one = OldClient::connect(fleet.address()).await;
    let mut two = OldClient::connect(fleet.address()).await;
    let mut viewer = fleet.viewer().await;
    one.says("CPU usages from client2: 10.0%").await;
    viewer.until("the first", |page| page.cpu("client2@127.0.0.1") == Some(0.1)).await;
    two.says("CPU usages from client2: 90.0%").await;
    viewer.until("the second", |page| page.cpu("client2@127.0.0.1 #2") == Some(0.9)).await;
    assert_eq!(viewer.page().cpu("client2@127.0.0.1"), Some(0.1));

    // Whoever goes does not take the other along.
    drop(one);
    two.says("CPU usages from client2: 80.0%").await;
    viewer.until("80 %", |page| page.cpu("client2@127.0.0.1 #2") == Some(0.8)).await;
    assert_eq!(viewer.page().status("client2@127.0.0.1 #2"), Some(HostStatus::Live));
}

/// The page of 2018 says `hello` on the same path.
#[tokio::test]
async fn what_is_no_measurement_makes_no_host() {
    let fleet = TestFleet::start().await;
    let mut page = OldClient::connect(fleet.address()).await;
    for nonsense in
        ["hello", "CPU usages from : 5%", "CPU usages from client2: -5%", "CPU usages from client2: NaN"]
    {
        page.says(nonsense).await;
    }
    // Messages are taken in order: when this one is answered, the others were looked at.
    page.says("CPU usages from client1: 0.0%").await;
    page.is_told("Current CPU usage is CPU usages from client1: 0.0% ").await;
    let hosts = fleet.json("/api/v1/hosts").await;
    assert_eq!(hosts["total"], 1, "{hosts}");
    assert_eq!(hosts["hosts"][0]["name"], "client1@127.0.0.1");
}

#[tokio::test]
async fn the_address_of_the_old_page_leads_to_the_new_one() {
    let fleet = TestFleet::start().await;
    let answer = get(fleet.address(), "/webservices/gui/").await;
    assert!((300..400).contains(&answer.status), "{}", answer.head);
    assert_eq!(answer.header("location"), "/");
}

#[tokio::test]
async fn without_compat_there_is_no_such_address() {
    let fleet = TestFleet::with(|config| config.compat = false).await;
    let answer = get(fleet.address(), "/webservices/cpu/").await;
    assert_eq!(answer.status, 404, "{}", answer.head);
}

/// The line that the server of 2018 printed, its two spaces included.
#[tokio::test]
async fn the_line_of_2018_is_printed() {
    let server = ServerProgram::start(&["--print", "lines"]).await;
    let mut client = OldClient::connect(server.address).await;
    client.says("CPU usages from client2: 12.5%").await;
    client.is_told("Current CPU usage is CPU usages from client2: 12.5% ").await;
    server.program.says("Message received from the clients:  CPU usages from client2: 12.5%").await;
}
