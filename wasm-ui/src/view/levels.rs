//! Fill of the send and receive buffers over the run, one chart per socket.

use super::lab::Lab;
use crate::model::levels::{self, Series};
use crate::model::scene::Scene;
use crate::texts::lab as t;
use leptos::prelude::*;
use std::fmt::Write;

const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 72.0;
/// Most steps a chart draws.
const STEPS: usize = 600;
/// Most charts.
const CHARTS: usize = 12;

/// The view.
#[component]
pub fn Levels(lab: Lab) -> impl IntoView {
    let l = lab.language;
    move || {
        let Some(scene) = lab.scene.get() else {
            return view! { <p class="empty">{t::run_empty(l)}</p> }.into_any();
        };
        let series = levels::of(&scene.run);
        if series.is_empty() {
            return view! { <p class="empty">{t::no_buffers(l)}</p> }.into_any();
        }
        let charts = series.into_iter().take(CHARTS).map(|series| chart(lab, scene.clone(), series)).collect_view();
        view! {
            <div class="charts">
                <p class="legend">
                    <span class="key send">{t::buffer_chart_send(l)}</span>
                    <span class="key receive">{t::buffer_chart_receive(l)}</span>
                </p>
                {charts}
            </div>
        }
        .into_any()
    }
}

fn chart(lab: Lab, scene: Scene, series: Series) -> impl IntoView {
    let l = lab.language;
    let last = scene.run.len().max(2) as f64 - 1.0;
    let x = move |event: usize| event as f64 / last * WIDTH;
    let y = |level: u64| HEIGHT - 2.0 - level as f64 / series.peak.max(1) as f64 * (HEIGHT - 14.0);
    let steps = levels::thin(&series.steps, STEPS);
    let line = |level: fn(&(usize, u64, u64)) -> u64| {
        let mut path = format!("M0 {}", y(0));
        for step in &steps {
            let _ = write!(path, "H{:.1}V{:.1}", x(step.0), y(level(step)));
        }
        let _ = write!(path, "H{WIDTH}");
        path
    };
    let (send, receive) = (line(|step| step.1), line(|step| step.2));
    let host = scene.run.hosts[series.host].name.to_string();
    let title = t::buffer_chart(l, series.fd, host);
    let name = title.clone();
    view! {
        <figure class="chart">
            <figcaption>
                <span>{title}</span>
                <span class="time">{t::buffer_peak(l, series.peak)}</span>
            </figcaption>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=name>
                <path class="send" d=send/>
                <path class="receive" d=receive/>
                <line
                    class="now"
                    x1=move || x(lab.cursor.get())
                    x2=move || x(lab.cursor.get())
                    y1="0"
                    y2=HEIGHT
                />
            </svg>
        </figure>
    }
}
