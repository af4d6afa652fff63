//! Fill of the buffers over time, as steps that a chart can draw. One series per socket.

use super::run::Run;

/// The buffers of one socket.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Which host.
    pub host: usize,
    /// Which descriptor.
    pub fd: i32,
    /// After which event how many bytes were in the send and the receive buffer.
    pub steps: Vec<(usize, u64, u64)>,
    /// The most that either held.
    pub peak: u64,
}

/// Every socket that ever held a byte.
pub fn of(run: &Run) -> Vec<Series> {
    let mut all = Vec::new();
    for (host, track) in run.hosts.iter().enumerate() {
        for socket in &track.sockets {
            let steps: Vec<(usize, u64, u64)> =
                socket.faces.iter().filter_map(|(at, face)| Some((*at, face.send?.used, face.receive?.used))).collect();
            let peak = steps.iter().map(|step| step.1.max(step.2)).max().unwrap_or(0);
            if peak > 0 {
                all.push(Series { host, fd: socket.fd, steps, peak });
            }
        }
    }
    all
}

/// Thins steps to at most about `most` by keeping, of each stretch, the last and the highest.
pub fn thin(steps: &[(usize, u64, u64)], most: usize) -> Vec<(usize, u64, u64)> {
    if steps.len() <= most {
        return steps.to_vec();
    }
    let stretch = steps.len().div_ceil(most / 2);
    steps
        .chunks(stretch)
        .flat_map(|chunk| {
            let top = chunk.iter().enumerate().max_by_key(|(_, step)| step.1.max(step.2)).map_or(0, |(at, _)| at);
            let last = chunk.len() - 1;
            [Some(chunk[top]), (top != last).then(|| chunk[last])].into_iter().flatten()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_peak_and_the_end() {
        let mut steps: Vec<(usize, u64, u64)> = (0..10_000).map(|at| (at, at as u64 % 7, 0)).collect();
        steps[5_000].1 = 99;
        let thin = thin(&steps, 200);
        assert!(thin.len() <= 210);
        assert!(thin.iter().any(|step| step.1 == 99));
        assert_eq!(thin.last(), steps.last());
    }
}
