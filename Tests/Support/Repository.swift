internal import Platform

/// Where tests find the checkout and what may lie beside it.
package enum Repository {
    /// The checkout's folder, from where this file was compiled.
    package static var root: String {
        let here = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return here.dropLast(3).joined(separator: "/")
    }

    /// A public conformance suite beside the checkout; nil where it is missing (the test then counts it as absent).
    package static func suite(_ name: String) -> String? {
        let path = "\(root)/../shared/testdata/\(name)"
        do throws(SystemError) {
            _ = try FileDescriptor.open(path, 0)
            return path
        } catch {
            return nil
        }
    }
}
