package import JSON

/// How a configuration takes files from its tenant's folder: members of its settings, beside the file import's own.
package struct FolderSettings: Sendable, Equatable {
    package var pattern: PathPattern
    package var order = Order.name
    package var after = After.archive
    /// How long a file must have been left alone, in seconds.
    package var settle: Int64 = 10
    package var manifest = ManifestUse.optional

    /// Which of several files comes first.
    package enum Order: String, Sendable, CaseIterable {
        /// By the bytes of its path: right for names that carry a date, `people-2026-11-30.csv`.
        case name
        /// By the time of its last change, then by name.
        case time
    }

    /// What becomes of a file that was imported.
    package enum After: String, Sendable, CaseIterable {
        /// It moves into `archive/DATE/` of the tenant's folder.
        case archive
        /// It stays where it is, and is not taken again.
        case leave
    }

    package enum ManifestUse: String, Sendable, CaseIterable {
        /// Checked where there is one.
        case optional
        /// A file without one is not complete yet.
        case required
    }

    /// Nil where the settings name no `path`.
    ///
    /// - Parameter path: what a sync asks for, in place of the settings' own.
    package init?(_ settings: JSONValue, path: String? = nil) throws(JSONFieldError) {
        var fields = try JSONFields(settings)
        guard let text = try fields.optionalString("path").map({ path ?? $0 }) ?? path else { return nil }
        do throws(PathPattern.Problem) {
            pattern = try PathPattern(text)
        } catch {
            throw fields.notAllowed("path", error.description)
        }
        order = try fields.optionalOneOf("order", Order.self) ?? .name
        after = try fields.optionalOneOf("after", After.self) ?? .archive
        settle = try fields.optionalInteger("settle_seconds") ?? 10
        manifest = try fields.optionalOneOf("manifest", ManifestUse.self) ?? .optional
    }
}
