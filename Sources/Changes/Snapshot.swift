package import JSON

/// What a config does about its people whom a complete export lacks: the policy's `leavers`.
package enum Leavers: String, Sendable, CaseIterable {
    /// Nothing happens to them.
    case ignore
    /// They lose access, and get it back when they reappear.
    case suspend
}

/// What one stream of a run has told about itself when it was read to its end.
package struct StreamSummary: Sendable, Equatable {
    /// All of a full snapshot was read.
    package var isComplete: Bool
    /// Only records that the source was asked for.
    package var isFiltered: Bool
    /// How many records the source says there are; nil if it doesn't.
    package var declared: Int64?
    package var read: Int64

    package init(isComplete: Bool, isFiltered: Bool, declared: Int64?, read: Int64) {
        self.isComplete = isComplete
        self.isFiltered = isFiltered
        self.declared = declared
        self.read = read
    }

    /// Reads a connector's summary; whatever it doesn't say counts against it.
    package init(json: JSONValue, read: Int64) {
        self.init(
            isComplete: json["complete"]?.boolValue ?? false,
            isFiltered: json["filtered"]?.boolValue ?? true,
            declared: json["declared_total"]?.integerValue,
            read: read
        )
    }
}

/// Whether whoever is not in what was read can be taken for absent: only then is absence a proof.
package enum SnapshotProof {
    /// Why not, as a clause; nil if so.
    ///
    /// * `streams`: those of people that the run has read.
    /// * `readsAll`: whether these are all that the mapping has.
    /// * `nameless`: rejects without an external id, who could be anybody.
    package static func doubt(_ streams: [StreamSummary], readsAll: Bool, nameless: Int64) -> String? {
        if streams.isEmpty || !readsAll { return "not every mapped stream of people was read" }
        if !streams.allSatisfy(\.isComplete) { return "the source does not say that it gave everything" }
        if streams.contains(where: \.isFiltered) { return "the source was asked for some of its records only" }
        if let short = streams.first(where: { $0.declared.map { [read = $0.read] in $0 != read } ?? false }) {
            return
                "the source declares \(Grouped.text(short.declared ?? 0)) records, and \(Grouped.text(short.read)) came"
        }
        if nameless > 0 { return "\(Grouped.text(nameless)) rejects have no external id, and could be anybody" }
        return nil
    }
}

/// Of a config's people: who was in a snapshot, and who was not.
package struct SnapshotCount: Sendable, Equatable {
    /// Where somebody is absent, of those who had access before the run.
    package var present: Int64
    /// Those who have access and were not in it.
    package var absent: Int64
    /// How many percent may lack before it is taken for cut.
    package var mostPercent: Int64
    /// Why nobody was taken for absent; nil where it is a proof.
    package var doubt: String?

    package init(present: Int64, absent: Int64, mostPercent: Int64, doubt: String? = nil) {
        self.present = present
        self.absent = absent
        self.mostPercent = mostPercent
        self.doubt = doubt
    }

    package var whole: Int64 { present + absent }

    /// Whether it lacks so many that it was cut, rather than that they have left. One may always.
    package var isShrunk: Bool {
        absent > max(1, whole / 100 * mostPercent + whole % 100 * mostPercent / 100)
    }

    var doubtSentence: String? { doubt.map { "Nobody was taken for absent: \($0)." } }

    var shrinkSentence: String? {
        guard isShrunk else { return nil }
        return
            "The export may be cut: \(Grouped.text(present)) of the \(Grouped.text(whole)) people of this configuration "
            + "were in it (\(mostPercent) % may be missing)."
    }
}

extension SnapshotCount {
    init(_ fields: inout JSONFields) throws(JSONFieldError) {
        self.init(
            present: try fields.integer("present"),
            absent: try fields.integer("absent"),
            mostPercent: try fields.integer("may_lack_percent"),
            doubt: try fields.optionalString("doubt")
        )
        try fields.finish()
    }

    var json: JSONValue {
        [
            "present": .integer(present), "absent": .integer(absent), "may_lack_percent": .integer(mostPercent),
            "doubt": doubt.map { .string($0) } ?? .null,
        ]
    }
}
