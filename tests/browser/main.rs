//! The site in a real Chromium, as a reader meets it: pages, languages, light, the tools, and the microscope from waking to
//! the kernel's run. Roles and words are asserted, never HTML.

mod axe;
mod http;
mod microscope;
mod packets;
mod pages;
mod stage;
mod tools;
