package import Identifiers
package import Mapping
package import Time

/// A config's mappings. Each change makes a version; runs name the one they use, and none is ever changed.
///
/// `notFound` for a config, version or line that the tenant doesn't have; `stale` unless `version`, if given, is the newest
/// (0 where there is none yet); `invalid` for more than `MappingTable.mostLines` lines or `MappingTable.mostBytes`.
package protocol MappingStore: Sendable {
    /// Saves the whole set as a new version; the same set again makes none. Returns the version.
    func saveMappings(
        _ sets: [MappingSet],
        config: UUID,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Int64
    /// As runs use them. Without `version` the newest.
    func mappings(config: UUID, version: Int64?, tenant: UUID) async throws(StoreError) -> [MappingSet]

    /// As administrators see them: line by line, with ids that stay as long as nobody takes the line out. Without `version`
    /// the newest; nothing if none was ever saved.
    func mappingTable(config: UUID, version: Int64?, tenant: UUID) async throws(StoreError) -> MappingTable
    /// Newest first.
    func mappingVersions(
        config: UUID,
        page: PageRequest,
        tenant: UUID
    ) async throws(StoreError) -> Page<MappingVersion>

    /// Adds a line: at its position, or after the others of its stream and entity.
    func addMapping(
        _ draft: MappingDraft,
        config: UUID,
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> MappingEdit
    /// Replaces what the line says. Without a position it stays where it is.
    func changeMapping(
        _ id: UUID,
        to draft: MappingDraft,
        config: UUID,
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> MappingEdit
    /// Answers the new version.
    func deleteMapping(
        _ id: UUID,
        config: UUID,
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Int64
    /// The whole table anew, in this order; positions in the drafts don't count. A draft with the id of a standing line
    /// goes on with it, one that says the same as a standing line too; `invalid` for an id that stands nowhere, or twice.
    func replaceMappings(
        _ drafts: [MappingDraft],
        config: UUID,
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> MappingTable
}

extension MappingStore {
    /// Saves them in the host's own name.
    package func saveMappings(
        _ sets: [MappingSet],
        config: UUID,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Int64 {
        try await saveMappings(sets, config: config, actor: Actor.host, tenant: tenant, now: now)
    }
}

/// A line to be kept.
package struct MappingDraft: Sendable, Equatable {
    /// Of the standing line it goes on with; nil for a new one. `replaceMappings` alone reads it.
    package var id: UUID?
    package var stream: String
    package var entity: Entity
    package var row: MappingRow
    /// From 0 on, in the whole table.
    package var position: Int?

    package init(id: UUID? = nil, stream: String, entity: Entity, row: MappingRow, position: Int? = nil) {
        self.id = id
        self.stream = stream
        self.entity = entity
        self.row = row
        self.position = position
    }
}

/// One line of a version. Lines of one stream and entity stand together.
package struct MappingLine: Sendable, Equatable {
    package var id: UUID
    package var config: UUID
    package var stream: String
    package var entity: Entity
    package var row: MappingRow
    /// From 0 on, in the whole table.
    package var position: Int
    package var createdAt: Instant
    package var updatedAt: Instant

    package init(
        id: UUID,
        config: UUID,
        stream: String,
        entity: Entity,
        row: MappingRow,
        position: Int,
        createdAt: Instant,
        updatedAt: Instant
    ) {
        self.id = id
        self.config = config
        self.stream = stream
        self.entity = entity
        self.row = row
        self.position = position
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

package struct MappingTable: Sendable, Equatable {
    /// 0 if none was ever saved.
    package var version: Int64
    package var lines: [MappingLine]

    package static let mostLines = 2_000
    /// Of all lines' texts together: 4 MiB, a few times what one request can bring.
    package static let mostBytes = 4 << 20

    package init(version: Int64, lines: [MappingLine]) {
        self.version = version
        self.lines = lines
    }
}

/// What became of one line, and in which version.
package struct MappingEdit: Sendable, Equatable {
    package var version: Int64
    package var line: MappingLine

    package init(version: Int64, line: MappingLine) {
        self.version = version
        self.line = line
    }
}

package struct MappingVersion: Sendable, Equatable {
    package var version: Int64
    package var lines: Int64
    package var createdAt: Instant
    /// Empty for a version from before this was kept.
    package var createdBy: String

    package init(version: Int64, lines: Int64, createdAt: Instant, createdBy: String) {
        self.version = version
        self.lines = lines
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}
