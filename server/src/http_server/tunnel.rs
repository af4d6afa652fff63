//! Behind a granted CONNECT: whatever comes is sent back, up to a limit. It is no HTTP any more, and leads nowhere else.

use super::connection::Wire;
use super::{Happened, Settings};

/// Echoes `first` and what follows until the peer is done or a limit is reached.
pub async fn echo(wire: &mut Wire<'_>, settings: &Settings, first: Vec<u8>) {
    let mut piece = first;
    let mut left = settings.tunnel;
    loop {
        let length = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if !wire.send(&piece[..length]).await {
            return;
        }
        left -= length as u64;
        if left == 0 {
            return;
        }
        match tokio::time::timeout(settings.idle, wire.receive(&mut piece)).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(_) => return wire.observer.happened(Happened::TimedOut),
        }
    }
}
