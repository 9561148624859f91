internal import Platform
package import Store
package import Time

/// Decides which file of a tenant's folder comes next: ask `next`, do what it says, tell what came of it.
package struct FolderQueue: Sendable {
    private let settings: FolderSettings
    private let known: [String: [TakenFileDraft]]
    private let now: Instant
    private var waiting: ArraySlice<FolderFile>
    /// Contents that were taken before.
    private var taken: [[UInt8]: TakenFile]

    package enum Step: Sendable, Equatable {
        /// Its content is to be looked at.
        case hash(FolderFile)
        /// Nothing is taken before this one is complete: a sentence tells what it lacks, and how long to wait.
        case wait(String, Duration)
        /// It can't be taken, and stands in the way of those behind it.
        case refuse(code: String, String)
        case nothing
    }

    package enum Content: Sendable, Equatable {
        case new
        /// The same was taken before, as this file.
        case taken(TakenFile)
    }

    /// - Parameters:
    ///   - files: that the pattern means, in any order.
    ///   - known: what is not to be taken again.
    package init(_ files: [FolderFile], known: [TakenFile], settings: FolderSettings, now: Instant) {
        self.settings = settings
        self.known = Dictionary(grouping: known.map(\.draft), by: \.path)
        self.now = now
        let meant = files.filter { $0.kind != .folder && !PathPattern.isUnfinished($0.name) }
        waiting = settings.order.sorted(meant)[...]
        taken = [:]
        for file in known where file.draft.sameAs == nil { taken[file.draft.sha256] = file }
    }

    /// What is to be done about the file in hand, or the first behind those that are known.
    package mutating func next() -> Step {
        while let file = waiting.first, isKnown(file) { waiting.removeFirst() }
        guard let file = waiting.first else { return .nothing }
        if let reason = Self.refusal(file) { return .refuse(code: reason.code, reason.sentence) }
        if settings.manifest == .required, file.manifest == nil {
            return .wait(
                "\(file.path) has no manifest yet (\(file.name)\(PathPattern.manifest)), and the setting manifest is required.",
                .seconds(max(1, settings.settle))
            )
        }
        let age = now.microseconds - file.changed / 1_000
        let least = settings.settle * 1_000_000
        guard age < least else { return .hash(file) }
        return .wait(
            "\(file.path) is still being written, or was until just now (it must be left alone for \(settings.settle) "
                + "seconds).",
            .microseconds(min(max(least - age, 100_000), least))
        )
    }

    /// The content of the file in hand: whoever is told that it is new takes it, and asks no more.
    package mutating func hashed(_ sha256: [UInt8]) -> Content {
        waiting = waiting.dropFirst()
        return taken[sha256].map { .taken($0) } ?? .new
    }

    private func isKnown(_ file: FolderFile) -> Bool {
        guard file.kind == .file, let known = known[file.path] else { return false }
        let identity = file.identity
        return known.contains {
            // The system's own time too: the other can be set back after a change. Where it alone is another, the content tells.
            $0.inode == identity.inode && $0.size == identity.size && $0.modified == identity.modified
                && $0.changed == identity.changed
        }
    }

    private static func refusal(_ file: FolderFile) -> (code: String, sentence: String)? {
        switch file.kind {
        case .file, .folder: nil
        case .link:
            (
                "file_is_link",
                "\(file.path) is a symbolic link, and none is followed: put the file itself there, or remove it."
            )
        case .sharedFile:
            (
                "file_has_links",
                "\(file.path) has a second name elsewhere (a hard link), so that it may be somebody else's: put a copy there, "
                    + "or remove it."
            )
        case .special: ("file_no_file", "\(file.path) is no regular file but a pipe, a socket or a device: remove it.")
        case .unreadableName: ("file_name", "\(file.path) has a name that is no UTF-8: rename it.")
        }
    }
}
