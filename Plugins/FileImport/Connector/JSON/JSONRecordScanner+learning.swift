/// How the tree comes about: from the first records.
extension JSONRecordScanner {
    mutating func learn(_ bytes: borrowing RawSpan, _ cell: JSONCell, at node: FieldTree.Node) {
        tree.addColumn(node)
        guard !cell.isNull else { return }
        hasValue.insert(node)
        guard samples[node] == nil, cell.count > 0 else { return }
        // A hundred characters are shown, and none is longer than twelve bytes as an escape.
        let range = cell.start..<cell.start + min(cell.count, 1200)
        let text = cell.hasEscapes ? JSONText.unescaped(bytes, range) : range.map { bytes.byte(at: $0) }
        samples[node] = String(String(decoding: text, as: UTF8.self).prefix(100))
    }

    /// The child of a name as written; while learning a new one.
    mutating func lookUp(
        _ bytes: borrowing RawSpan,
        _ name: Range<Int>,
        _ string: StringEnd,
        in node: FieldTree.Node
    ) -> FieldTree.Node {
        if string.hasZero { spoil(.zeroCharacter, name.lowerBound) }
        let text =
            string.hasEscapes ? JSONText.unescaped(bytes, name) : name.map { bytes.byte(at: $0) }
        let child = tree.child(of: node, named: text)
        // A name that is no text would be shown as another one.
        guard child == FieldTree.none, isLearning, !string.hasZero, spoil == nil, text.span.isUTF8(0..<text.count)
        else {
            return child
        }
        return tree.addChild(text, to: node)
    }
}
