package import Identifiers
package import JSON
package import Time

/// The files that were uploaded for configs. Their content lies outside the database.
package protocol FileStore: Sendable {
    /// `full` where the tenant's files would have more bytes together than the quota; nil for as many as there are.
    func addFile(
        _ draft: FileDraft,
        quota: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> StoredFile
    /// Of the tenant's files, of all its configs together.
    func keptBytes(tenant: UUID) async throws(StoreError) -> Int64
    /// The tenant's files, the largest first.
    func largestFiles(limit: Int, tenant: UUID) async throws(StoreError) -> [StoredFile]
    /// Newest first.
    func files(config: UUID, page: PageRequest, tenant: UUID) async throws(StoreError) -> Page<StoredFile>
    func file(_ id: UUID, tenant: UUID) async throws(StoreError) -> StoredFile?
    /// Where the contents of all the tenant's files lie, or lay.
    func contentKeys(tenant: UUID) async throws(StoreError) -> ContentKeys
    /// The file is found no more; answers what was known of it, so that its content can be deleted.
    func archiveFile(
        _ id: UUID,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> StoredFile
}

extension FileStore {
    /// Without a quota.
    package func addFile(
        _ draft: FileDraft,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> StoredFile {
        try await addFile(draft, quota: nil, actor: actor, tenant: tenant, now: now)
    }
}

/// Which contents belong to files, for whoever looks for those that belong to none.
package struct ContentKeys: Sendable, Equatable {
    /// Of files that are there.
    package var kept: Set<String>
    /// Of files that were archived: whatever lies there still is to be deleted.
    package var archived: Set<String>

    package init(kept: Set<String> = [], archived: Set<String> = []) {
        self.kept = kept
        self.archived = archived
    }
}

package struct FileDraft: Sendable {
    package var config: UUID
    /// As it was uploaded: `people.csv`.
    package var name: String
    package var size: Int64
    /// 32 bytes.
    package var sha256: [UInt8]
    /// `csv`, `xlsx`; nil where nobody could tell.
    package var format: String?
    /// What a first look at the content found.
    package var findings: JSONValue
    /// Where the content lies, for whoever keeps it.
    package var contentKey: String

    package init(
        config: UUID,
        name: String,
        size: Int64,
        sha256: [UInt8],
        format: String?,
        findings: JSONValue,
        contentKey: String
    ) {
        self.config = config
        self.name = name
        self.size = size
        self.sha256 = sha256
        self.format = format
        self.findings = findings
        self.contentKey = contentKey
    }
}

package struct StoredFile: Sendable {
    package var id: UUID
    package var draft: FileDraft
    package var createdAt: Instant
    package var createdBy: String

    package init(id: UUID, draft: FileDraft, createdAt: Instant, createdBy: String) {
        self.id = id
        self.draft = draft
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}
