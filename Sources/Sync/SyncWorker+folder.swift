internal import Changes
internal import ConnectorHost
internal import Crypto
package import Identifiers
package import JSON
internal import Log
internal import Platform
internal import Store
internal import Time

/// What a run takes from its tenant's folder.
struct FolderTaking: Sendable {
    /// Nil where nothing new is there.
    var file: FolderFile?
    var manifest: FileManifest?
    var pattern: PathPattern
    /// What was passed over and why, in sentences.
    var notes: [String]
}

/// A run's input that asks for a file of the tenant's folder: `{"folder": {"path": "people-*.csv", "again": true, "since": RUN}}`,
/// each of the three only where it is asked for.
package struct FolderRequest: Sendable, Equatable {
    /// In place of the settings' own.
    package var path: String?
    /// What was taken before is taken once more.
    package var isAgain: Bool
    /// The first of the runs that follow each other, a file each.
    package var since: UUID?

    package init(path: String?, isAgain: Bool, since: UUID? = nil) {
        self.path = path
        self.isAgain = isAgain
        self.since = since
    }

    /// Nil for a run that reads something else.
    package init?(_ input: JSONValue) {
        guard let folder = input["folder"] else { return nil }
        path = folder["path"]?.stringValue
        isAgain = folder["again"]?.boolValue ?? false
        since = folder["since"]?.stringValue.flatMap(UUID.init)
    }

    package var input: JSONValue {
        var folder: JSONObject = [:]
        if let path { folder["path"] = .string(path) }
        if isAgain { folder["again"] = true }
        if let since { folder["since"] = .string(since.description) }
        return ["folder": .object(folder)]
    }
}

extension SyncWorker {
    /// The file that a run reads: the one that an earlier attempt has taken, as long as it is the same, or the next one.
    func take(_ request: FolderRequest, _ lease: RunLease, log: Logger) async throws -> FolderTaking {
        guard let folders else { throw ConnectorError.noImportRoot }
        let settings = try folderSettings(request, lease)
        // A dry run moves nothing.
        var notes = lease.run.plan?.isRehearsal == true ? [] : try await settleEarlier(lease, log: log)
        let own = try await store.takenFiles(run: lease.run.id, tenant: lease.run.tenant)
        if let standing = own.first(where: { $0.draft.sameAs == nil }) {
            let file = FolderFile(standing.draft)
            if try await reached({ try await folders.isUnchanged(file, tenant: lease.run.tenant) }) {
                let manifest = try Self.manifest(standing.draft)
                notes += try await passedOver(lease)
                return FolderTaking(file: file, manifest: manifest, pattern: settings.pattern, notes: notes)
            }
            guard lease.run.counts.read == 0 else {
                throw ConnectorError(
                    .stateLost,
                    code: "file_differs",
                    message:
                        "\(file.path) is another file than the one that the run began with; it is read from its start."
                )
            }
            // Perhaps nothing comes in its place: then the run ends well, and it must not count as taken.
            try await store.forgetFile(lease)
        }
        let taken =
            if let plan = lease.run.plan, plan.phase == .applied {
                try await shown(plan, settings, lease, folders)
            } else {
                try await next(settings, request, lease, folders)
            }
        notes += try await passedOver(lease)
        return FolderTaking(file: taken?.file, manifest: taken?.manifest, pattern: settings.pattern, notes: notes)
    }

    /// Sees to what the run before has left undone; what can't be moved still is told by this one too.
    private func settleEarlier(_ lease: RunLease, log: Logger) async throws -> [String] {
        let earlier = try await archiveEarlier(lease.config.id, log: log)
        try await store.settleFiles(earlier.files.map(\.number), tenant: lease.run.tenant, now: now())
        return earlier.notes
    }

    private func next(
        _ settings: FolderSettings,
        _ request: FolderRequest,
        _ lease: RunLease,
        _ folders: ImportFolders
    ) async throws -> (file: FolderFile, manifest: FileManifest?)? {
        let tenant = lease.run.tenant
        let known = try await store.knownFiles(
            config: lease.config.id,
            since: request.isAgain ? request.since ?? lease.run.id : nil,
            tenant: tenant
        )
        let files = try await reached { try await folders.files(settings.pattern, tenant: tenant) }
        var queue = FolderQueue(files, known: known, settings: settings, now: now())
        while true {
            switch queue.next() {
            case .nothing: return nil
            case .refuse(let code, let sentence): throw ConnectorError(.forbidden, code: code, message: sentence)
            case .wait(let sentence, let duration):
                throw ConnectorError(
                    .conflict,
                    code: "file_unfinished",
                    message: sentence,
                    retryAfter: lease.job.attempt <= 2 ? duration : nil
                )
            case .hash(let file):
                let hash = try await reached { try await folders.hash(file, tenant: tenant) }
                switch queue.hashed(hash) {
                case .taken(let earlier):
                    let draft = TakenFileDraft(file, hash, nil, settings.after, sameAs: earlier.number)
                    _ = try await store.takeFile(draft, lease: lease, now: now())
                case .new:
                    let manifest = try await reached { try await folders.manifest(of: file, tenant: tenant) }
                    try manifest?.check(file, hash)
                    try manifest?.check(file, streams: lease.run.streams.map(\.stream))
                    let draft = TakenFileDraft(file, hash, manifest, settings.after, sameAs: nil)
                    _ = try await store.takeFile(draft, lease: lease, now: now())
                    return (file, manifest)
                }
            }
        }
    }

    /// The file that the run's plan is of; nil where it is of none. No other is taken, whatever has come since.
    private func shown(
        _ plan: RunPlan,
        _ settings: FolderSettings,
        _ lease: RunLease,
        _ folders: ImportFolders
    ) async throws -> (file: FolderFile, manifest: FileManifest?)? {
        guard let shown = plan.file else { return nil }
        guard let found = try await reached({ try await folders.shown(shown, tenant: lease.run.tenant) }) else {
            throw ConnectorError(.data, code: "plan_stale", message: shown.gone)
        }
        let draft = TakenFileDraft(found.file, found.sha256, found.manifest, settings.after, sameAs: nil)
        _ = try await store.takeFile(draft, lease: lease, now: now())
        return (found.file, found.manifest)
    }

    /// Why a plan that is of a file of the tenant's folder doesn't hold any more, in a sentence; nil if it holds.
    func folderDrift(_ run: Run) async throws(ConnectorError) -> String? {
        guard let shown = run.plan?.file else { return nil }
        guard let folders else { throw .noImportRoot }
        do {
            let found = try await reached({ try await folders.shown(shown, tenant: run.tenant) })
            return found == nil ? shown.gone : nil
        } catch let error as ConnectorError {
            throw error
        } catch {
            throw ConnectorError(.unavailable, code: "folder_unreadable", message: "The folder can't be read just now.")
        }
    }

    private func folderSettings(_ request: FolderRequest, _ lease: RunLease) throws(ConnectorError) -> FolderSettings {
        do throws(JSONFieldError) {
            if let settings = try FolderSettings(lease.config.settings, path: request.path) { return settings }
        } catch {
            throw ConnectorError(.config, code: "path_refused", message: "The configuration's settings: \(error).")
        }
        throw ConnectorError(
            .config,
            code: "path_missing",
            message: "The configuration's settings name no path any more: which files of the folder are meant?"
        )
    }

    private static func manifest(_ draft: TakenFileDraft) throws(ConnectorError) -> FileManifest? {
        guard draft.declared.objectValue != nil else { return nil }
        do throws(FileManifest.Problem) {
            return try FileManifest(json: draft.declared)
        } catch {
            throw ConnectorError(.data, code: "manifest_broken", message: "What was declared can't be read: \(error).")
        }
    }

    /// The files that the run has passed over, in sentences.
    private func passedOver(_ lease: RunLease) async throws -> [String] {
        let own = try await store.takenFiles(run: lease.run.id, tenant: lease.run.tenant).filter {
            $0.draft.sameAs != nil
        }
        guard !own.isEmpty else { return [] }
        let all = try await store.knownFiles(config: lease.config.id, since: nil, tenant: lease.run.tenant)
        let known = Dictionary(all.map { ($0.number, $0) }) { first, _ in first }
        let told = own.prefix(Self.mostTold).map { file in
            let earlier = file.draft.sameAs.flatMap { known[$0] }
            let same =
                earlier.map { " as \($0.draft.path), taken \($0.createdAt) by run \($0.run)" } ?? " as an earlier one"
            return
                "\(file.draft.path) was passed over: it holds the same\(same). Sync with again to read it all the same."
        }
        let more = own.count - told.count
        guard more > 0 else { return told }
        let files = more == 1 ? "1 more file" : "\(RunMessage.grouped(Int64(more))) more files"
        return told + ["So \(more == 1 ? "was" : "were") \(files) that held the same as earlier ones."]
    }

    /// Files of one kind that a run names; the others are counted.
    private static let mostTold = 5

    /// A run without anything to read ends well, and tells nothing of anybody.
    func finishWithoutFile(_ taking: FolderTaking, _ lease: RunLease) async throws -> Run {
        let note = "Nothing to import: no new file matches \(taking.pattern.text)."
        let text = ([note] + taking.notes).joined(separator: " ")
        let summary: JSONValue = [
            "complete": false, "filtered": true, "read": 0, "note": .string(text),
            "warnings": .array(taking.notes.map(JSONValue.string)),
        ]
        for stream in lease.run.streams where !stream.isFinished {
            try await store.finishStream(stream, summary: summary, lease: lease, now: now())
        }
        return try await store.finishRun(lease, summary: summary, now: now())
    }

    /// Whether the file was written to while it was read. One that was replaced was read whole all the same.
    func checkUnchanged(_ taking: FolderTaking, tenant: UUID) async throws {
        guard let folders, let file = taking.file,
            let now = try await reached({ try await folders.standing(file, tenant: tenant) }),
            now.inode == file.identity.inode, now != file.identity
        else { return }
        throw ConnectorError(
            .conflict,
            code: "file_changed",
            message: "\(file.path) changed while it was read; it is read again once nobody writes to it."
        )
    }

    /// What came of one stream, with what the delivery declares beside the file.
    ///
    /// - Parameter read: the stream's records, of all attempts.
    func told(
        _ summary: PullSummary,
        of stream: String,
        read: Int64,
        _ taking: FolderTaking?,
        _ declared: FileManifest?
    ) throws(ConnectorError) -> PullSummary {
        var (told, json) = (summary, summary.json.objectValue ?? [:])
        let notes = taking?.notes ?? []
        if !notes.isEmpty {
            told.warnings += notes
            json["warnings"] = .array(told.warnings.map(JSONValue.string))
        }
        if let file = taking?.file {
            var found = json["found"]?.objectValue ?? [:]
            found["path"] = .string(file.path)
            json["found"] = .object(found)
        }
        if let declared {
            told.isComplete = summary.isComplete && declared.isComplete
            json["complete"] = .bool(told.isComplete)
            if let rows = declared.rows(of: stream) {
                told.declaredTotal = rows
                json["declared_total"] = .integer(rows)
                try Self.check(rows, read: read, "The manifest")
            }
        }
        // A count that comes with the delivery is a promise; one that a service gives may have changed meanwhile.
        if let total = summary.declaredTotal, json["found"]?["declared_by"]?.stringValue == "trailer" {
            try Self.check(total, read: read, "The file's trailer")
        }
        told.json = .object(json)
        return told
    }

    private static func check(_ declared: Int64, read: Int64, _ who: String) throws(ConnectorError) {
        guard declared != read else { return }
        let header = declared == read + 1 ? " A header is no record, and is not counted." : ""
        throw ConnectorError(
            .data,
            code: "declared_total_differs",
            message:
                "\(who) declares \(RunMessage.grouped(declared)) records, and \(RunMessage.grouped(read)) came: the file "
                + "was cut, or counted otherwise.\(header) Nobody was taken for absent, and what would end somebody's access "
                + "was not applied."
        )
    }

    // MARK: - What comes after a file

    /// Sees to everything that a run has taken, and to the file behind it; what can't be done now is at the next start, or
    /// before the configuration's next file.
    func seeToFolder(after run: Run, log: Logger) async {
        guard run.state.isAtRest, let request = FolderRequest(run.input) else { return }
        do {
            let files = try await archiveEarlier(run.config, log: log).files
            // First the file behind: whoever ends in between finds these unsettled, and asks once more.
            try await follow(run, request, log: log)
            try await store.settleFiles(files.map(\.number), tenant: run.tenant, now: now())
        } catch {
            log.warning("what comes after a file is seen to later", [("reason", .string("\(error)"))])
        }
    }

    /// Goes on with what a host has left that ended: files that are still to be archived, and those behind them. Once, before
    /// jobs are worked.
    package func seeToFolders() async throws {
        guard folders != nil else { return }
        var last: [UUID: TakenFile] = [:]
        for file in try await store.unsettledFiles(config: nil, limit: 10_000) { last[file.config] = file }
        for file in last.values.sorted(by: { $0.number < $1.number }) {
            guard let run = try await store.run(file.run, tenant: file.tenant) else { continue }
            await seeToFolder(after: run, log: log.with([("run", .string(run.id.description))]))
        }
    }

    /// Moves a config's files that were taken, where that is wanted: those that are where they are to stay, and sentences
    /// about the others.
    private func archiveEarlier(
        _ config: UUID,
        log: Logger
    ) async throws -> (files: [TakenFile], notes: [String]) {
        guard let folders else { return ([], []) }
        var (files, stuck): ([TakenFile], [String]) = ([], [])
        let unsettled = try await store.unsettledFiles(config: config, limit: 10_000)
        // The newest first: if these can't be moved, the older ones can't either, and each run would try them all.
        for (place, file) in unsettled.reversed().enumerated() {
            do {
                if file.draft.after == FolderSettings.After.archive.rawValue, file.archivedAs == nil {
                    let day = try file.createdAt.date ?? today()
                    let path = try await folders.archive(file, day: day)
                    if let path { try await store.noteArchived(file.number, as: path, tenant: file.tenant) }
                }
                files.append(file)
            } catch let error as ConfinementError {
                stuck.append(
                    "\(file.draft.path) was imported and can't be moved into \(PathPattern.archive)/: \(error)."
                )
                guard stuck.count == Self.mostTold else { continue }
                let more = unsettled.count - place - 1
                if more > 0 { stuck.append("Neither were \(RunMessage.grouped(Int64(more))) older files moved.") }
                break
            }
        }
        for text in stuck { log.warning(text) }
        return (files, stuck)
    }

    /// Queues the next file's run, if there is another file that these runs have not had in hand.
    private func follow(_ run: Run, _ request: FolderRequest, log: Logger) async throws {
        // What a plan has shown is applied, and nothing else: the next sync takes the file behind.
        guard run.state == .done || run.state == .doneWithRejects, run.plan == nil, let folders else { return }
        do {
            guard let config = try await store.config(run.config, tenant: run.tenant), config.isActive,
                let settings = try FolderSettings(config.settings, path: request.path)
            else { return }
            let first = request.since ?? run.id
            let these = try await store.knownFiles(config: config.id, since: first, tenant: run.tenant)
            let known =
                try await request.isAgain
                ? these : store.knownFiles(config: config.id, since: nil, tenant: run.tenant)
            let had = Set(these.map(\.draft.path))
            let files = try await folders.files(settings.pattern, tenant: run.tenant).filter { !had.contains($0.path) }
            var queue = FolderQueue(files, known: known, settings: settings, now: now())
            guard queue.next() != .nothing else { return }
            let next = FolderRequest(path: request.path, isAgain: request.isAgain, since: first)
            var sync = SyncRequest(
                config: config.id,
                trigger: run.trigger,
                streams: run.streams.map { RunStream(stream: $0.stream, entity: $0.entity) },
                mappingVersion: run.mappingVersion,
                input: next.input
            )
            sync.bringsNewer = false
            // Nobody asked for this run: what waits for a decision is not decided by it.
            sync.yieldsToPlan = true
            _ = try await store.enqueueSync(sync, tenant: run.tenant, now: now())
        } catch let error as StoreError
            where error.code != .conflict && error.code != .inactive && error.code != .providerOff
        {
            throw error
        } catch {
            // Somebody was faster, the configuration is off, or the folder can't be read: the next sync tells.
            log.info("no further file was queued", [("reason", .string("\(error)"))])
        }
    }

    /// What can't be reached in the folder, as an operation's failure.
    private func reached<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as ConfinementError {
            throw ConnectorError(error)
        } catch let error as SystemError {
            throw ConnectorError(
                .unavailable,
                code: "folder_unreadable",
                message: "The folder can't be read: \(error.reason)."
            )
        }
    }
}

extension ConnectorError {
    static let noImportRoot = ConnectorError(
        .config,
        code: "no_import_root",
        message:
            "This TrainFlow has no folders to import from: whoever runs it names one with --import-root. Or upload the file."
    )
}

extension RunPlan.File {
    fileprivate var gone: String {
        "\(path) is not in the folder any more as the plan was made of it. Nothing was written: plan again."
    }
}

extension InputFile {
    init(_ file: FolderFile, in folder: ConfinedFolder) {
        self.init(
            name: file.name,
            path: file.path,
            size: file.identity.size,
            place: PullRequest.Input.Place(folder: folder, parts: file.parts, identity: file.identity)
        )
    }
}

extension FolderFile {
    init(_ draft: TakenFileDraft) {
        self.init(
            parts: draft.path.split(separator: "/").map(String.init),
            identity: FileIdentity(
                inode: draft.inode,
                size: draft.size,
                modified: draft.modified,
                changed: draft.changed
            )
        )
    }
}

extension TakenFileDraft {
    init(
        _ file: FolderFile,
        _ sha256: [UInt8],
        _ manifest: FileManifest?,
        _ after: FolderSettings.After,
        sameAs: Int64?
    ) {
        self.init(
            path: file.path,
            size: file.identity.size,
            modified: file.identity.modified,
            inode: file.identity.inode,
            changed: file.identity.changed,
            sha256: sha256,
            declared: manifest?.json ?? .null,
            after: after.rawValue,
            sameAs: sameAs
        )
    }
}

extension FileManifest {
    /// Before anything is read: whether the file is the one that is declared.
    fileprivate func check(_ file: FolderFile, _ hash: [UInt8]) throws(ConnectorError) {
        func differs(_ what: String, _ declared: String, _ found: String) -> ConnectorError {
            ConnectorError(
                .data,
                code: "manifest_differs",
                message:
                    "\(file.path) is not the file that its manifest declares: \(what) \(declared) is declared, and it has "
                    + "\(found). Nothing of it was read. Deliver both again."
            )
        }
        if let size, size != file.identity.size {
            throw differs("a size of", "\(size) bytes", "\(file.identity.size)")
        }
        let found = hash.hex
        if let sha256, sha256 != found { throw differs("the SHA-256", sha256, found) }
    }

    /// Counts by stream must name one that the run reads: a misspelt name would check nothing.
    fileprivate func check(_ file: FolderFile, streams: [String]) throws(ConnectorError) {
        guard case .byStream(let counts) = rows, !streams.contains(where: { counts[$0] != nil }) else { return }
        func quoted(_ names: [String]) -> String { names.sorted().map { "\"\($0)\"" }.joined(separator: ", ") }
        throw ConnectorError(
            .data,
            code: "manifest_broken",
            message:
                "The manifest of \(file.path) declares records of \(quoted(Array(counts.keys))), and this run reads "
                + "\(quoted(Array(Set(streams)))): name them alike, or declare one number for all as rows. Nothing of it was read."
        )
    }
}
