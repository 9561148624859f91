package import Identifiers
package import JSON
package import Time

/// Which files of a tenant's folder a config has taken: each once, by its content.
package protocol TakenFileStore: Sendable {
    /// The files that a run has taken, and those that it passed over; oldest first.
    func takenFiles(run: UUID, tenant: UUID) async throws(StoreError) -> [TakenFile]
    /// The files of runs that ended well or are held, and those that were passed over, of one config; oldest first. With
    /// `since`, those of that run and later ones only.
    func knownFiles(config: UUID, since run: UUID?, tenant: UUID) async throws(StoreError) -> [TakenFile]
    /// Notes what a run takes; what it had taken before, and not read to its end, is forgotten, and a held run of the config
    /// is superseded. `fenced` if the lease is not the caller's any more.
    func takeFile(_ draft: TakenFileDraft, lease: RunLease, now: Instant) async throws(StoreError) -> TakenFile
    /// What a run has taken is gone before it was read to its end: it counts as never taken. `fenced` as above.
    func forgetFile(_ lease: RunLease) async throws(StoreError)
    /// A file was moved.
    func noteArchived(_ number: Int64, as path: String, tenant: UUID) async throws(StoreError)
    /// Files are where they are to stay, and what comes after them was seen to. Safe to repeat.
    func settleFiles(_ numbers: [Int64], tenant: UUID, now: Instant) async throws(StoreError)
    /// Of all tenants, or one config: files of runs that ended well or are held, and that were not settled; oldest first.
    func unsettledFiles(config: UUID?, limit: Int) async throws(StoreError) -> [TakenFile]
    /// The files of a config, the newest first.
    func takenFiles(config: UUID, page: PageRequest, tenant: UUID) async throws(StoreError) -> Page<TakenFile>
}

/// A file of a tenant's folder as it was looked at.
package struct TakenFileDraft: Sendable, Equatable {
    /// In the tenant's folder: `hr/people.csv`.
    package var path: String
    /// Bytes.
    package var size: Int64
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    package var modified: Int64
    package var inode: UInt64
    /// When the system saw it change, nanoseconds.
    package var changed: Int64
    /// 32 bytes.
    package var sha256: [UInt8]
    /// What was declared about it: an object, or null.
    package var declared: JSONValue
    /// What becomes of it: `archive leave`
    package var after: String
    /// The number of the file with the same content that was taken before: this one is passed over.
    package var sameAs: Int64?

    package init(
        path: String,
        size: Int64,
        modified: Int64,
        inode: UInt64,
        changed: Int64,
        sha256: [UInt8],
        declared: JSONValue,
        after: String,
        sameAs: Int64?
    ) {
        self.path = path
        self.size = size
        self.modified = modified
        self.inode = inode
        self.changed = changed
        self.sha256 = sha256
        self.declared = declared
        self.after = after
        self.sameAs = sameAs
    }
}

package struct TakenFile: Sendable, Equatable {
    package var number: Int64
    package var tenant: UUID
    package var config: UUID
    package var run: UUID
    package var draft: TakenFileDraft
    /// Where it lies now, if it was moved.
    package var archivedAs: String?
    package var createdAt: Instant
    /// Nil while nobody has seen to what comes after it.
    package var settledAt: Instant?
    package var runState: RunState

    package init(
        number: Int64,
        tenant: UUID,
        config: UUID,
        run: UUID,
        draft: TakenFileDraft,
        archivedAs: String?,
        createdAt: Instant,
        settledAt: Instant?,
        runState: RunState
    ) {
        self.number = number
        self.tenant = tenant
        self.config = config
        self.run = run
        self.draft = draft
        self.archivedAs = archivedAs
        self.createdAt = createdAt
        self.settledAt = settledAt
        self.runState = runState
    }
}
