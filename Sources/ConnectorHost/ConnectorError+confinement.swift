internal import JSON
package import Platform

extension ConnectorError {
    /// What can't be reached in a tenant's own folder, in words for the tenant: paths are those in the folder.
    package init(_ error: ConfinementError) {
        let (errorClass, code): (ErrorClass, String) =
            switch error.reason {
            case .missing: (.notFound, "file_gone")
            case .link: (.forbidden, "file_is_link")
            case .noFile: (.forbidden, "file_no_file")
            case .sharedFile: (.forbidden, "file_has_links")
            case .outside: (.forbidden, "path_refused")
            case .changed: (.conflict, "file_changed")
            case .system: (.unavailable, "folder_unreadable")
            }
        self.init(errorClass, code: code, message: "\(error).")
    }
}
