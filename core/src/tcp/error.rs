//! Why a connection ended and why a call on it failed. Numbers for programs (`ECONNRESET`) are the socket room's.

use thiserror::Error;

/// What ended a connection other than an orderly close: the pending error of the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Failure {
    /// RST answered our SYN.
    #[error("the connection was refused")]
    Refused,
    /// RST while the connection stood.
    #[error("the connection was reset by the peer")]
    Reset,
    /// RST after the peer had already closed its direction: nobody is left to read what was sent.
    #[error("the peer does not read any more")]
    BrokenPipe,
    /// Nothing was acknowledged for too long.
    #[error("the connection timed out")]
    TimedOut,
    /// The host cannot be reached: ICMP says so, or nobody answers ARP.
    #[error("no route to the host")]
    HostUnreachable,
    /// The network cannot be reached.
    #[error("the network is unreachable")]
    NetworkUnreachable,
}

/// Why `send` took nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SendError {
    /// The handshake is not done.
    #[error("the handshake is not done")]
    Connecting,
    /// The send buffer is full.
    #[error("the send buffer is full")]
    WouldBlock,
    /// Our direction is closed: `shutdown`, `close`, or the connection is over.
    #[error("the sending direction is closed")]
    Closed,
    /// The connection failed; said once, then [`SendError::Closed`].
    #[error(transparent)]
    Failed(Failure),
}

/// Why `recv` returned nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RecvError {
    /// Nothing has arrived.
    #[error("nothing has arrived")]
    WouldBlock,
    /// The handshake was never done, and is over.
    #[error("the connection was never established")]
    NotConnected,
    /// The connection failed; said once, then the end of the stream.
    #[error(transparent)]
    Failed(Failure),
}
