/// How much a text may ask of its reader.
package struct JSONLimits: Sendable, Equatable {
    /// Arrays and objects inside each other, at most 1,024.
    package var depth: Int
    /// Bytes of the whole text.
    package var bytes: Int
    /// Bytes of one name, string or number as written: what a streaming reader holds at most, beside one chunk.
    package var tokenBytes: Int
    /// Members of one object: their names are kept until it ends, to find repeated ones.
    package var members: Int

    package init(
        depth: Int = 64,
        bytes: Int = 64 << 20,
        tokenBytes: Int = 64 << 20,
        members: Int = 1_000_000
    ) {
        // Values are freed, compared and written by recursion, so no setting may let them nest without end.
        self.depth = min(depth, 1_024)
        self.bytes = bytes
        self.tokenBytes = tokenBytes
        self.members = members
    }

    /// For a value held whole: 64 deep, 64 MiB.
    package static var `default`: JSONLimits { JSONLimits() }

    /// For a stream of any length: 64 deep, 1 MiB a token, 65,536 members an object.
    package static var stream: JSONLimits { JSONLimits(bytes: .max, tokenBytes: 1 << 20, members: 65_536) }
}
