extension JSONValue {
    /// Compact JSON in UTF-8: the same value always gives the same bytes.
    package func serialized() -> [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    /// Compact JSON, on one line.
    package var text: String {
        String(decoding: serialized(), as: UTF8.self)
    }

    /// JSON for people: two spaces a level.
    package var prettyText: String {
        var writer = JSONWriter(style: .pretty)
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
