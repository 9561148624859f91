internal import Identifiers
internal import Mapping
internal import Time

/// The lines of a version that is being made out of the one before it. Pure.
struct MappingTableEdit {
    private(set) var lines: [MappingRows.Line]
    private let now: Instant

    init(_ table: MappingTable, now: Instant) {
        lines = table.lines.map(MappingRows.Line.init)
        self.now = now
    }

    /// Whether something is said anew, or in another order.
    func changes(_ table: MappingTable) -> Bool {
        lines != table.lines.map(MappingRows.Line.init)
    }

    mutating func add(_ draft: MappingDraft, id: UUID) {
        let line = MappingRows.Line(draft, id: id, now: now)
        lines.insert(line, at: min(max(draft.position ?? lines.count, 0), lines.count))
        keepSetsTogether()
    }

    mutating func change(_ id: UUID, to draft: MappingDraft) throws(StoreError) {
        let place = try place(of: id)
        let line = lines.remove(at: place).saying(draft, now)
        lines.insert(line, at: min(max(draft.position ?? place, 0), lines.count))
        keepSetsTogether()
    }

    mutating func delete(_ id: UUID) throws(StoreError) {
        lines.remove(at: try place(of: id))
    }

    /// Whatever makes a table smaller is allowed.
    func checkSize(after table: MappingTable) throws(StoreError) {
        let before = table.lines.map(MappingRows.Line.init)
        guard lines.count <= max(MappingTable.mostLines, before.count) else {
            throw StoreError(.invalid, "A configuration has at most \(MappingTable.mostLines) mappings.")
        }
        let (bytes, standing) = (Self.bytes(lines), Self.bytes(before))
        guard bytes <= max(MappingTable.mostBytes, standing) else {
            throw StoreError(
                .invalid,
                "The mappings of a configuration have at most \(MappingTable.mostBytes) bytes together. "
                    + "Shorten transform functions, or take lines out."
            )
        }
    }

    private static func bytes(_ lines: [MappingRows.Line]) -> Int {
        lines.reduce(0) { sum, line in
            let texts = [line.stream, line.row.sourceField, line.row.targetField, line.row.transform ?? ""]
            return sum + texts.reduce(0) { $0 + $1.utf8.count }
        }
    }

    func checkIDs(of drafts: [MappingDraft]) throws(StoreError) {
        var seen: Set<UUID> = []
        for id in drafts.compactMap(\.id) {
            guard lines.contains(where: { $0.id == id }) else {
                throw StoreError(
                    .invalid,
                    "There is no mapping \(id) in the newest version. Leave its id out to add it."
                )
            }
            guard seen.insert(id).inserted else {
                throw StoreError(.invalid, "The mapping \(id) stands there twice. Leave the id out of one of them.")
            }
        }
    }

    /// A draft without an id goes on with the first line that says the same, and that no other draft goes on with.
    mutating func replaceAll(with drafts: [MappingDraft]) {
        let named = Set(drafts.compactMap(\.id))
        var free = lines.filter { !named.contains($0.id) }
        lines = drafts.map { draft in
            if let id = draft.id, let line = lines.first(where: { $0.id == id }) { return line.saying(draft, now) }
            if let place = free.firstIndex(where: { $0.says(draft) }) { return free.remove(at: place) }
            return MappingRows.Line(draft, id: .new(now), now: now)
        }
        keepSetsTogether()
    }

    private func place(of id: UUID) throws(StoreError) -> Int {
        guard let place = lines.firstIndex(where: { $0.id == id }) else {
            throw StoreError(.notFound, "There is no mapping \(id).")
        }
        return place
    }

    /// Lines of one stream and entity stand together, where the first of them stands.
    private mutating func keepSetsTogether() {
        var sets: [(stream: String, entity: Entity, lines: [MappingRows.Line])] = []
        for line in lines {
            if let set = sets.firstIndex(where: { $0.stream == line.stream && $0.entity == line.entity }) {
                sets[set].lines.append(line)
            } else {
                sets.append((line.stream, line.entity, [line]))
            }
        }
        lines = sets.flatMap(\.lines)
    }
}

extension MappingRows.Line {
    fileprivate func says(_ draft: MappingDraft) -> Bool {
        stream == draft.stream && entity == draft.entity && row == draft.row
    }

    /// The same line with another content.
    fileprivate func saying(_ draft: MappingDraft, _ now: Instant) -> MappingRows.Line {
        guard !says(draft) else { return self }
        var line = self
        line.stream = draft.stream
        line.entity = draft.entity
        line.row = draft.row
        line.updatedAt = now
        return line
    }
}
