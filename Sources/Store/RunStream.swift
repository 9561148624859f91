package import Changes
package import Identifiers
package import JSON
package import Mapping

/// One of the streams that a run reads, and what has come of it.
package struct RunStream: Sendable, Equatable {
    package var stream: String
    package var entity: Entity
    /// What was decided when all people were read counts with their last stream.
    package var counts: Counts
    /// Whether it is read to its end.
    package var isFinished: Bool
    /// What the connector found doubtful about all of it, in sentences; once it is read.
    package var warnings: [String] = []
    /// What the connector found out about the source by itself, as texts by name (`encoding`, `sheet`); once it is read.
    package var found: JSONObject = [:]

    package init(stream: String, entity: Entity, counts: Counts = Counts(), isFinished: Bool = false) {
        self.stream = stream
        self.entity = entity
        self.counts = counts
        self.isFinished = isFinished
    }

    /// People before courses before enrolments, which refer to both.
    package static func inOrder(_ streams: [RunStream]) -> [RunStream] {
        Entity.allCases.flatMap { entity in streams.filter { $0.entity == entity } }
    }
}

extension Run {
    /// Whether it is the last of its entity: only then is everybody there whom the others may name.
    package func isLastOfEntity(_ stream: RunStream) -> Bool {
        streams.last { $0.entity == stream.entity }?.stream == stream.stream
    }
}

/// A record of an earlier run that waits for what it refers to.
package struct WaitingReject: Sendable {
    package var number: Int64
    package var origin: WaitingOrigin
    package var locator: Int64
    /// The record as the source gave it.
    package var raw: [RawField]

    package init(number: Int64, origin: WaitingOrigin, locator: Int64, raw: [RawField]) {
        self.number = number
        self.origin = origin
        self.locator = locator
        self.raw = raw
    }
}

/// Where records that wait came from: those of one origin are mapped alike.
package struct WaitingOrigin: Sendable, Hashable {
    package var config: UUID
    package var stream: String
    package var entity: Entity
    /// That the run used which rejected them.
    package var mappingVersion: Int64
    package var locatorKind: String
    /// The file or object that was read.
    package var source: String

    package init(
        config: UUID,
        stream: String,
        entity: Entity,
        mappingVersion: Int64,
        locatorKind: String,
        source: String
    ) {
        self.config = config
        self.stream = stream
        self.entity = entity
        self.mappingVersion = mappingVersion
        self.locatorKind = locatorKind
        self.source = source
    }
}

/// Records that waited, mapped once more.
package struct WaitingRetry: Sendable {
    package var origin: WaitingOrigin
    /// By row of the batch; its locators are theirs.
    package var rejects: [Int64]
    /// nil where they can't be mapped any more: the try counts, and nothing else happens.
    package var batch: MappedBatch?

    package init(origin: WaitingOrigin, rejects: [Int64], batch: MappedBatch?) {
        self.origin = origin
        self.rejects = rejects
        self.batch = batch
    }
}
