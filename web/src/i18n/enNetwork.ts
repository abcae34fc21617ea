import type { frNetwork } from "./frNetwork";

export const enNetwork: typeof frNetwork = {
  network: {
    title: "Test my connection",
    lead: "In half a minute this page finds out whether your network lets the sound and pictures of a meeting through. A test pattern is sent instead of your picture and your voice; nothing is recorded.",
    devices_note:
      "At the end your browser will ask you for the microphone and the camera, to see whether they answer.",
    start: "Start the test",
    again: "Test again",
    running: "Testing: {{step}}",
    done: "The test is over.",
    progress: "Progress of the test",
    steps: "What is looked at",
    result: "Result",
    details: "Details",
    step: {
      server: "Server",
      socket: "Standing connection",
      udp: "Sound and pictures over UDP",
      tcp: "Sound and pictures over TCP",
      tls: "Sound and pictures over the port of web pages (TLS)",
      quality: "Quality of the line",
      devices: "Microphone and camera",
    },
    state: {
      waiting: "to come",
      running: "under way",
      good: "good",
      fair: "worth a look",
      bad: "failed",
      none: "does not apply",
    },
    found: {
      server: "The server answers within {{ms}} ms.",
      server_busy: "Too many tests go on at once, or the server is very busy.",
      server_off: "Connection tests are switched off there.",
      socket_works: "WebSockets get through.",
      socket_blocked: "Pages get through, WebSockets do not.",
      way_works: "Connected within {{ms}} ms, to {{address}}.",
      way_works_blind: "Connected within {{ms}} ms.",
      way_blocked: "Blocked: no answer.",
      way_not_offered: "This server does not offer this way.",
      leg: "{{rate}} kbit/s, {{loss}} lost, jitter {{jitter}}",
      up: "Sent: {{leg}}.",
      down: "Received: {{leg}}.",
      round_trip: "Round trip: {{ms}} ms.",
      quality_failed: "The connection comes about, but the test pattern did not come back.",
      devices: "Microphones found: {{microphones}}. Cameras found: {{cameras}}.",
      not_tried: "Not tried.",
      unknown: "unknown",
    },
    verdict: {
      good: "All is well: you can take part in a meeting.",
      no_microphone: "The network is well, but your microphone or camera did not answer.",
      weak: "The connection works, but the line is weak: sound or pictures may suffer.",
      only_tcp:
        "Your network blocks UDP: the meeting will go over TCP, with more delay when the line is busy.",
      only_tls:
        "Your network lets the port of web pages through alone: the meeting will go that way, with more delay when the line is busy.",
      no_flow: "The connection comes about, but neither sound nor pictures get through.",
      no_media: "Your network blocks sound and pictures: the meeting would open without them.",
      no_socket:
        "Your network lets pages through but cuts the standing connection: a meeting cannot be entered.",
      no_server: "The server does not answer: a meeting cannot be entered from here.",
      no_test: "The server cannot make this test now.",
      off: "This server offers no connection test.",
    },
    advice: {
      good: "If a meeting goes badly all the same, send the report below to your support.",
      no_microphone:
        "Plug it in, or allow this page to use it in the browser's settings, then test again.",
      weak: "Move closer to the Wi-Fi access point, prefer a cable, or choose “audio only” in the meeting.",
      only_tcp:
        "Ask your IT department to open UDP towards the server's address; the report says which.",
      only_tls:
        "Ask your IT department to open UDP towards the server's address; the report says which.",
      no_flow: "Send the report below to your support.",
      no_media:
        "Try without a VPN or on another network, and send the report below to your IT department.",
      no_socket:
        "Often a proxy or an antivirus program interferes: send the report below to your IT department.",
      no_server: "Make sure that you are online, then test again.",
      no_test: "Try again in a minute.",
      off: "Turn to your support.",
    },
    report: "Report for support",
    report_lead:
      "It holds no name, no password, no token and not your machine's address: read it before you send it.",
    report_copy: "Copy the report",
    report_download: "Download the report",
    report_file: "conclave-network-test.txt",
    report_head: "Conclave, connection test",
    report_server: "Server: {{host}}",
    report_time: "Date: {{time}}",
    report_browser: "Browser: {{browser}}",
    report_verdict: "Result: {{verdict}}",
    link: "Test my connection (new tab)",
  },
};
