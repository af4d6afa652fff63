//! Which table answers a name, a port or an address, told as an event. What Python makes of the answer stands in `functions`.

use crate::address::{Entry, inet_aton};
use crate::program::event::{Event, Source};
use crate::program::value::Value;
use crate::program::value::exception::Exception;
use crate::program::value::repr::short_repr;
use crate::program::value::types::Type;
use crate::program::vm::{Answer, Stop, Vm};
use std::net::Ipv4Addr;

/// Characters of an argument that are shown.
const SHOWN: usize = 120;
/// Look-ups of one statement: a comprehension makes any number of them before anybody takes the events.
const EVENTS: usize = 100_000;

/// A look-up that is under way: the function, and its arguments as Python writes them.
pub struct Asked {
    function: &'static str,
    arguments: String,
}

impl Asked {
    /// Of what a function was given.
    pub fn new(function: &'static str, values: &[Value]) -> Asked {
        let arguments: Vec<String> = values.iter().map(|value| short_repr(value, SHOWN)).collect();
        Asked { function, arguments: arguments.join(", ") }
    }

    /// A service by its name: from the machine's table where the engine gave one, else from the built-in one.
    pub fn service(&self, vm: &mut Vm, name: &str, protocol: Option<&str>) -> Answer<Option<Entry>> {
        let found = match &vm.setup.services {
            Some(table) => table.by_name(name, protocol).cloned(),
            None => Entry::built_in_by_name(name, protocol),
        };
        self.tell(vm, services(vm), found.as_ref().map(|entry| entry.port.to_string()))?;
        Ok(found)
    }

    /// The same by its port.
    pub fn port(&self, vm: &mut Vm, port: u16, protocol: Option<&str>) -> Answer<Option<Entry>> {
        let found = match &vm.setup.services {
            Some(table) => table.by_port(port, protocol).cloned(),
            None => Entry::built_in_by_port(port, protocol),
        };
        self.tell(vm, services(vm), found.as_ref().map(|entry| entry.name.clone()))?;
        Ok(found)
    }

    /// The address of a host by its name.
    pub fn host(&self, vm: &mut Vm, name: &str) -> Answer<Ipv4Addr> {
        match find(vm, name) {
            Some((address, source)) => {
                self.tell(vm, source, Some(address.to_string()))?;
                Ok(address)
            }
            None => {
                self.tell(vm, Source::Scenario, None)?;
                Err(unknown())
            }
        }
    }

    /// The name of a host by its address; nobody has one where it is absent.
    pub fn name(&self, vm: &mut Vm, address: Ipv4Addr) -> Answer<Option<String>> {
        let known = vm.setup.names.iter().find(|(_, other)| **other == address);
        let known = known.map(|(name, _)| (name.clone(), Source::Scenario));
        let local = || (address == Ipv4Addr::LOCALHOST).then(|| ("localhost".to_owned(), Source::Fixed));
        let (name, source) =
            known.or_else(local).map_or((None, Source::Scenario), |(name, source)| (Some(name), source));
        self.tell(vm, source, name.clone())?;
        Ok(name)
    }

    fn tell(&self, vm: &mut Vm, source: Source, answer: Option<String>) -> Answer<()> {
        if !vm.tracing {
            return Ok(());
        }
        if vm.events.len() >= EVENTS {
            return Err(Stop::Limit("events", EVENTS as u64));
        }
        let (function, asked) = (self.function.to_owned(), self.arguments.clone());
        vm.events.push_back(Event::LookedUp { task: vm.task, function, asked, source, answer });
        Ok(())
    }
}

/// The table of services that this machine asks.
fn services(vm: &Vm) -> Source {
    if vm.setup.services.is_some() { Source::Machine } else { Source::Iana }
}

/// The address of a host in the address of a socket. The call that follows shows it: nothing is told here.
pub fn resolve(vm: &Vm, name: &str) -> Answer<Ipv4Addr> {
    find(vm, name).map(|(address, _)| address).ok_or_else(unknown)
}

/// A name of the scenario, a name that stands for the same address everywhere, or an address in any form the C library takes.
fn find(vm: &Vm, name: &str) -> Option<(Ipv4Addr, Source)> {
    match name {
        "" => return Some((Ipv4Addr::UNSPECIFIED, Source::Fixed)),
        "<broadcast>" => return Some((Ipv4Addr::BROADCAST, Source::Fixed)),
        _ if name.eq_ignore_ascii_case("localhost") => return Some((Ipv4Addr::LOCALHOST, Source::Fixed)),
        _ => {}
    }
    let known = vm.setup.names.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, address)| *address);
    let own = || name.eq_ignore_ascii_case(&vm.setup.name).then_some(vm.setup.address);
    if let Some(address) = known.or_else(own) {
        return Some((address, Source::Scenario));
    }
    match inet_aton(name) {
        Ok(address) if !name.contains(char::is_whitespace) => Some((address, Source::Literal)),
        _ => None,
    }
}

fn unknown() -> Stop {
    no_information(-2, "Name or service not known")
}

/// Python's `gaierror`.
pub fn no_information(number: i64, text: &str) -> Stop {
    Stop::Raise(Exception::new(Type::Gaierror, vec![Value::Int(number), Value::str(text)]))
}
