/// What a reader meets next in a text. The text of a name, string or number is asked from the reader.
package enum JSONEvent: Sendable, Equatable {
    case beginObject, endObject
    case beginArray, endArray
    case name, string, number
    case bool(Bool)
    case null
}
