//! A tree of fields, each with its bytes, as the rows that are open. What a field means is said by whoever builds it.

use std::collections::BTreeSet;

/// A field and what is inside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub label: String,
    /// Its value, as written.
    pub value: String,
    /// What the value means, as a sentence or a few words.
    pub meaning: String,
    /// Its bytes, `[start, end)`.
    pub range: Option<(usize, usize)>,
    /// Its bits within its first byte, where it is less than a byte: `[start, end)` from the most significant.
    pub bits: Option<(u32, u32)>,
    /// Its colour, as in `hex::Mark`.
    pub kind: Option<&'static str>,
    /// Whether something is wrong with it.
    pub bad: bool,
    /// Whether it is closed at first.
    pub closed: bool,
    /// What is inside.
    pub children: Vec<Node>,
}

impl Node {
    /// A field without bytes or children.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Node {
        Node { label: label.into(), value: value.into(), ..Node::default() }
    }

    /// The same field with these bytes.
    #[must_use]
    pub fn at(self, start: usize, end: usize) -> Node {
        Node { range: Some((start, end)), ..self }
    }
}

/// Where a node stands: the place among its siblings, at each depth.
pub type Path = Vec<usize>;

/// A node that can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it stands.
    pub path: Path,
    /// How many of its kind stand beside it, itself included.
    pub siblings: usize,
    /// Whether its children can be seen; `None` where it has none.
    pub open: Option<bool>,
}

/// Every row that can be seen. `turned` are the nodes that the reader opened or closed against their beginning.
pub fn rows(roots: &[Node], turned: &BTreeSet<Path>) -> Vec<Row> {
    let mut found = Vec::new();
    collect(roots, &mut Vec::new(), turned, &mut found);
    found
}

fn collect(nodes: &[Node], path: &mut Path, turned: &BTreeSet<Path>, found: &mut Vec<Row>) {
    for (place, node) in nodes.iter().enumerate() {
        path.push(place);
        let open = (!node.children.is_empty()).then(|| node.closed == turned.contains(path));
        found.push(Row { path: path.clone(), siblings: nodes.len(), open });
        if open == Some(true) {
            collect(&node.children, path, turned, found);
        }
        path.pop();
    }
}

/// The node at a place.
pub fn node<'a>(roots: &'a [Node], path: &[usize]) -> Option<&'a Node> {
    let (&first, rest) = path.split_first()?;
    let node = roots.get(first)?;
    if rest.is_empty() { Some(node) } else { self::node(&node.children, rest) }
}

/// The deepest node that holds these bytes: where a selection in the bytes belongs in the tree.
pub fn holding(roots: &[Node], range: (usize, usize)) -> Option<Path> {
    let mut best: Option<(usize, Path)> = None;
    visit(roots, &mut Vec::new(), &mut |node, path| {
        let Some((start, end)) = node.range else { return };
        let holds = start <= range.0 && range.1 <= end && end > start;
        // Of equals the deeper one; of fields within one byte the first.
        let better = best
            .as_ref()
            .is_none_or(|(length, found)| end - start < *length || (end - start == *length && path.starts_with(found)));
        if holds && better {
            best = Some((end - start, path.to_vec()));
        }
    });
    best.map(|(_, path)| path)
}

fn visit(nodes: &[Node], path: &mut Path, each: &mut impl FnMut(&Node, &[usize])) {
    for (place, node) in nodes.iter().enumerate() {
        path.push(place);
        each(node, path);
        visit(&node.children, path, each);
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Vec<Node> {
        let mut head = Node::new("header", "").at(0, 4);
        head.children = vec![Node::new("version", "4").at(0, 1), Node::new("length", "5").at(1, 4)];
        let mut tail = Node::new("payload", "").at(4, 9);
        tail.children = vec![Node::new("text", "hello").at(4, 9)];
        tail.closed = true;
        vec![head, tail]
    }

    #[test]
    fn only_open_nodes_show_what_is_inside() {
        let tree = tree();
        let paths = |turned: &BTreeSet<Path>| rows(&tree, turned).into_iter().map(|row| row.path).collect::<Vec<_>>();
        assert_eq!(paths(&BTreeSet::new()), [vec![0], vec![0, 0], vec![0, 1], vec![1]]);
        assert_eq!(paths(&BTreeSet::from([vec![0], vec![1]])), [vec![0], vec![1], vec![1, 0]]);
    }

    #[test]
    fn bytes_lead_to_the_deepest_field_that_holds_them() {
        let tree = tree();
        assert_eq!(holding(&tree, (2, 3)), Some(vec![0, 1]));
        assert_eq!(holding(&tree, (0, 2)), Some(vec![0]));
        assert_eq!(holding(&tree, (5, 6)), Some(vec![1, 0]));
        assert_eq!(holding(&tree, (3, 5)), None);
        assert_eq!(node(&tree, &[0, 1]).unwrap().label, "length");
    }
}
