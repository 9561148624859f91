package import Platform

/// A file of a tenant's folder that a pattern means, as it was looked at.
package struct FolderFile: Sendable, Equatable {
    /// In the tenant's folder.
    package var parts: [String]
    package var kind: ConfinedFolder.Entry.Kind
    package var identity: FileIdentity
    /// Of the manifest beside it; nil where there is none.
    package var manifest: FileIdentity?

    package init(
        parts: [String],
        kind: ConfinedFolder.Entry.Kind = .file,
        identity: FileIdentity,
        manifest: FileIdentity? = nil
    ) {
        self.parts = parts
        self.kind = kind
        self.identity = identity
        self.manifest = manifest
    }

    /// `hr/people.csv`
    package var path: String { parts.joined(separator: "/") }
    package var name: String { parts.last ?? "" }

    var manifestParts: [String] { parts.dropLast() + [name + PathPattern.manifest] }

    /// When the last of the two was changed.
    var changed: Int64 { max(identity.changed, manifest?.changed ?? .min) }
}

extension FolderSettings.Order {
    func sorted(_ files: [FolderFile]) -> [FolderFile] {
        switch self {
        case .name: files.sorted { Self.isBefore($0, $1) }
        case .time:
            files.sorted { left, right in
                left.identity.modified == right.identity.modified
                    ? Self.isBefore(left, right) : left.identity.modified < right.identity.modified
            }
        }
    }

    /// By bytes: a language's own order would put a file elsewhere on another machine.
    private static func isBefore(_ left: FolderFile, _ right: FolderFile) -> Bool {
        left.path.utf8.lexicographicallyPrecedes(right.path.utf8)
    }
}
