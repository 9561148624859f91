/// A request method. RFC 9110, section 9.
package struct Method: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) {
        self.name = name
    }

    package var description: String { name }

    package static let get = Method("GET")
    package static let head = Method("HEAD")
    package static let post = Method("POST")
    package static let put = Method("PUT")
    package static let patch = Method("PATCH")
    package static let delete = Method("DELETE")
    package static let options = Method("OPTIONS")

    package static func < (left: Method, right: Method) -> Bool { left.name < right.name }
}
