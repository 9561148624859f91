package import ConnectorHost
internal import Crypto
internal import Glibc
package import Identifiers
internal import JSON
package import Platform
internal import Store
internal import Time

/// The tenants' own folders under `--import-root`, on a thread where looking and reading may block.
package actor ImportFolders {
    private let root: String
    private let thread = ThreadExecutor(name: "folders")

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// Entries that are looked at for one pattern; with more somebody has forgotten to tidy up.
    private static let mostEntries = 100_000
    private static let pieceBytes = 1 << 20

    package init(root: String) {
        self.root = root
    }

    package nonisolated func folder(of tenant: UUID) -> ConfinedFolder {
        ConfinedFolder(parent: root, name: tenant.description)
    }

    /// What a pattern means, folders left out; none where there is no folder yet.
    func files(_ pattern: PathPattern, tenant: UUID) throws -> [FolderFile] {
        let folder = folder(of: tenant)
        var seen = 0
        var places: [[String]] = [[]]
        for part in pattern.parts.dropLast() {
            if let literal = part.literal {
                places = places.map { $0 + [literal] }
                continue
            }
            var inner: [[String]] = []
            for place in places {
                for entry in try entries(folder, place, &seen) where part.matches(entry.name) {
                    if entry.kind == .link { throw ConfinementError(.link, place + [entry.name]) }
                    let isArchive = place.isEmpty && entry.name == PathPattern.archive
                    if entry.kind == .folder, !isArchive { inner.append(place + [entry.name]) }
                }
            }
            places = inner
        }
        guard let last = pattern.parts.last else { return [] }
        var files: [FolderFile] = []
        for place in places {
            let entries = try entries(folder, place, &seen)
            let manifests = Dictionary(
                entries.filter { $0.name.hasSuffix(PathPattern.manifest) }.map { ($0.name, $0) }
            ) { first, _ in first }
            for entry in entries where entry.kind != .folder && manifests[entry.name] == nil && last.matches(entry.name)
            {
                files.append(
                    FolderFile(
                        parts: place + [entry.name],
                        kind: entry.kind,
                        identity: entry.identity,
                        manifest: manifests[entry.name + PathPattern.manifest]?.identity
                    )
                )
            }
        }
        return files
    }

    /// The file that would come first, for a look at it: one that was taken already does as well. Nil where there is none.
    package func sample(_ settings: FolderSettings, tenant: UUID) throws -> PullRequest.Input? {
        do {
            let whole = try files(settings.pattern, tenant: tenant).filter {
                $0.kind == .file && !PathPattern.isUnfinished($0.name)
            }
            return settings.order.sorted(whole).first.map { InputFile($0, in: folder(of: tenant)).input }
        } catch let error as ConfinementError {
            throw ConnectorError(error)
        }
    }

    private func entries(
        _ folder: ConfinedFolder,
        _ place: [String],
        _ seen: inout Int
    ) throws -> [ConfinedFolder.Entry] {
        // One more than is allowed tells as much as all of them.
        let entries = try folder.entries(of: place, limit: Self.mostEntries - seen + 1) ?? []
        seen += entries.count
        guard seen <= Self.mostEntries else {
            throw ConnectorError(
                .config,
                code: "folder_too_full",
                message:
                    "The import folder holds more than \(Self.mostEntries) files where the pattern looks: move old ones "
                    + "away."
            )
        }
        return entries
    }

    /// The SHA-256 of a file's content. `changed` if it is not what it was, or becomes another meanwhile.
    func hash(_ file: FolderFile, tenant: UUID) async throws -> [UInt8] {
        let descriptor = try folder(of: tenant).open(file.parts, identity: file.identity)
        var hash = SHA256()
        while true {
            try Task.checkCancellation()
            let piece = try descriptor.read(Self.pieceBytes)
            guard !piece.isEmpty else { break }
            hash.update(piece)
            // Others wait for the thread, of other tenants too.
            await Task.yield()
        }
        guard try FileIdentity(of: descriptor) == file.identity else { throw ConfinementError(.changed, file.parts) }
        return hash.finish().bytes
    }

    /// The file that a plan is of, with its content's hash; nil where it is gone, or another by now.
    func shown(
        _ shown: RunPlan.File,
        tenant: UUID
    ) async throws -> (file: FolderFile, sha256: [UInt8], manifest: FileManifest?)? {
        let parts = shown.path.split(separator: "/").map(String.init)
        let entries = try folder(of: tenant).entries(of: parts.dropLast()) ?? []
        guard let name = parts.last, let entry = entries.first(where: { $0.name == name }), entry.kind == .file else {
            return nil
        }
        let file = FolderFile(
            parts: parts,
            identity: entry.identity,
            manifest: entries.first { $0.name == name + PathPattern.manifest }?.identity
        )
        let manifest = try manifest(of: file, tenant: tenant)
        let hash = try await self.hash(file, tenant: tenant)
        guard hash.hex == shown.sha256, manifest?.json ?? .null == shown.declared else { return nil }
        return (file, hash, manifest)
    }

    /// What is declared about a file; nil where nobody says anything.
    func manifest(of file: FolderFile, tenant: UUID) throws -> FileManifest? {
        guard let identity = file.manifest else { return nil }
        let path = file.manifestParts.joined(separator: "/")
        let descriptor = try folder(of: tenant).open(file.manifestParts, identity: identity)
        do throws(FileManifest.Problem) {
            return try FileManifest(parsing: try Self.whole(descriptor))
        } catch {
            throw ConnectorError(
                .data,
                code: "manifest_broken",
                message: "\(path) can't be used as the manifest of \(file.name): \(error)."
            )
        }
    }

    private static func whole(_ file: borrowing FileDescriptor) throws(FileManifest.Problem) -> [UInt8] {
        var bytes: [UInt8] = []
        do throws(SystemError) {
            while bytes.count <= FileManifest.mostBytes {
                let piece = try file.read(FileManifest.mostBytes + 1)
                if piece.isEmpty { return bytes }
                bytes += piece
            }
        } catch {
            throw FileManifest.Problem(error.reason)
        }
        throw FileManifest.Problem("it is longer than \(FileManifest.mostBytes) bytes")
    }

    /// What lies under a file's name now; nil where there is nothing.
    func standing(_ file: FolderFile, tenant: UUID) throws -> FileIdentity? {
        try folder(of: tenant).entry(file.parts)?.identity
    }

    /// Whether the file is still what it was.
    func isUnchanged(_ file: FolderFile, tenant: UUID) throws -> Bool {
        do throws(ConfinementError) {
            _ = try folder(of: tenant).open(file.parts, identity: file.identity)
            return true
        } catch {
            guard error.reason == .changed || error.reason == .missing else { throw error }
            return false
        }
    }

    /// Moves a file, and its manifest, into the archive of a day; answers where it lies then, or nil if it is gone, or another
    /// one by now. One that lies there already is where it should be.
    func archive(_ taken: TakenFile, day: CalendarDate) throws -> String? {
        let (file, tenant) = (FolderFile(taken.draft), taken.tenant)
        let (folder, target) = (folder(of: tenant), [PathPattern.archive, day.description])
        // The manifest first: without the file it would be another's.
        if let entry = try folder.entry(file.manifestParts),
            entry.kind == .file, try standing(file, tenant: tenant)?.isSameFile(as: file.identity) == true,
            try isManifest(entry, of: taken, file, folder)
        {
            _ = try folder.move(file.manifestParts, identity: entry.identity, into: target)
        }
        let name =
            try folder.move(file.parts, identity: file.identity, into: target)
            ?? folder.entries(of: target)?.first { $0.identity.isSameFile(as: file.identity) }?.name
        return name.map { (target + [$0]).joined(separator: "/") }
    }

    /// Whether what lies beside a file that was taken was meant for it, and not for the next delivery under the same name: it
    /// is the manifest that was read with the file, or says of itself that it is the file's.
    private func isManifest(
        _ entry: ConfinedFolder.Entry,
        of taken: TakenFile,
        _ file: FolderFile,
        _ folder: ConfinedFolder
    ) throws -> Bool {
        let descriptor = try folder.open(file.manifestParts, identity: entry.identity)
        let manifest: FileManifest
        do throws(FileManifest.Problem) {
            manifest = try FileManifest(parsing: try Self.whole(descriptor))
        } catch {
            return false  // Not the one that was read, then.
        }
        guard taken.draft.declared == .null else {
            return manifest.json == taken.draft.declared
                && entry.identity.changed / 1_000 <= taken.createdAt.microseconds
        }
        return manifest.sha256 == taken.draft.sha256.hex || manifest.size == taken.draft.size
    }
}
