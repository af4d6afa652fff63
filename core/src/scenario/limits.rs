//! How large a scenario may be. Scenarios come from strangers, so everything that grows has a limit here; nothing is checked here.

use crate::time::Duration;

/// Bytes of a scenario file.
pub const FILE: usize = 1 << 20;
/// Hosts.
pub const HOSTS: usize = 16;
/// Bytes of one program.
pub const PROGRAM: usize = 64 << 10;
/// Longest run.
pub const LIMIT: Duration = Duration::from_secs(600);
/// Longest one-way delay of the link.
pub const DELAY: Duration = Duration::from_secs(60);
/// Characters of a host's name.
pub const NAME: usize = 32;
/// Characters of a title or a reason.
pub const TEXT: usize = 500;
/// Lines of standard input of one host.
pub const STDIN_LINES: usize = 1_000;
/// Characters of one line of standard input.
pub const STDIN_LINE: usize = 4_096;
/// Files of one host.
pub const FILES: usize = 64;
/// Bytes of all files of one host.
pub const FILE_BYTES: usize = 768 << 10;
/// Characters of a file's name.
pub const FILE_NAME: usize = 255;
/// Entries of the link's drop list.
pub const DROPS: usize = 1_000;
/// Expectations.
pub const EXPECTATIONS: usize = 100;
/// Characters of one expectation.
pub const EXPECTATION: usize = 4_096;
/// Frames that may wait at one host.
pub const QUEUE: u64 = 100_000;
/// Bits per second, least and most.
pub const RATE: (u64, u64) = (100, 400_000_000_000);
/// Largest IP packet in bytes, least (RFC 791, 3.2) and most (an Ethernet jumbo frame).
pub const MTU: (u64, u64) = (68, 9_000);
/// Problems that are reported of one scenario; a file with more is wrong as a whole.
pub const PROBLEMS: usize = 100;
