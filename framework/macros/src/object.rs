//! The expansion of `derive(Object)`.
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{
    Data, DeriveInput, Error, Expr, Field, Fields, GenericArgument, Ident, LitStr, Path,
    PathArguments, Type,
};

/// What `#[object(..)]` says.
#[derive(Default)]
struct ObjectOptions {
    id: Option<Expr>,
    name: Option<LitStr>,
    value_class: bool,
    finalize: Option<Path>,
    scan: Option<Path>,
}

/// What `#[field(..)]` says.
struct FieldOptions {
    mutability: &'static str,
    weak: bool,
}

fn object_options(input: &DeriveInput) -> syn::Result<ObjectOptions> {
    let mut options = ObjectOptions::default();
    for attribute in input.attrs.iter().filter(|a| a.path().is_ident("object")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("id") {
                options.id = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("name") {
                options.name = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("value_class") {
                options.value_class = true;
            } else if meta.path.is_ident("finalize") {
                options.finalize = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("scan") {
                options.scan = Some(meta.value()?.parse()?);
            } else {
                return Err(meta.error("expected id, name, value_class, finalize or scan"));
            }
            Ok(())
        })?;
    }
    Ok(options)
}

fn field_options(field: &Field) -> syn::Result<FieldOptions> {
    let mut options = FieldOptions {
        mutability: "Mutable",
        weak: false,
    };
    for attribute in field.attrs.iter().filter(|a| a.path().is_ident("field")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("immutable") {
                options.mutability = "Immutable";
            } else if meta.path.is_ident("quasi_immutable") {
                options.mutability = "QuasiImmutable";
            } else if meta.path.is_ident("mutable") {
                options.mutability = "Mutable";
            } else if meta.path.is_ident("weak") {
                options.weak = true;
            } else {
                return Err(meta.error("expected immutable, quasi_immutable, mutable or weak"));
            }
            Ok(())
        })?;
    }
    Ok(options)
}

/// The `T` of `Items<T>`.
fn items_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|s| s.ident == "Items")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(item) => Some(item),
        _ => None,
    }
}

fn is_repr_c(input: &DeriveInput) -> bool {
    let mut found = false;
    for attribute in input.attrs.iter().filter(|a| a.path().is_ident("repr")) {
        // An alignment has an argument, which is skipped; a malformed attribute is reported by the compiler itself.
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident("C");
            if meta.input.peek(syn::token::Paren) {
                let content;
                syn::parenthesized!(content in meta.input);
                let _: TokenStream = content.parse()?;
            }
            Ok(())
        });
    }
    found
}

fn named_fields(input: &DeriveInput) -> syn::Result<Vec<&Field>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(fields.named.iter().collect()),
            _ => Err(Error::new_spanned(
                &input.ident,
                "an object has named fields",
            )),
        },
        _ => Err(Error::new_spanned(&input.ident, "an object is a struct")),
    }
}

pub fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let name = &input.ident;
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &input.generics,
            "an object has no generic parameters",
        ));
    }
    if !is_repr_c(input) {
        return Err(Error::new_spanned(name, "an object needs #[repr(C)]"));
    }
    let options = object_options(input)?;
    let id = options
        .id
        .as_ref()
        .ok_or_else(|| Error::new_spanned(name, "an object needs #[object(id = ..)]"))?;
    let fields = named_fields(input)?;
    let Some((header, fields)) = fields.split_first() else {
        return Err(Error::new_spanned(
            name,
            "the first field of an object is `header: Header`",
        ));
    };
    let header_ident = header.ident.as_ref().expect("the fields are named");
    let header_type = &header.ty;
    let text = options
        .name
        .clone()
        .unwrap_or_else(|| LitStr::new(&name.to_string(), name.span()));

    let mut constants = TokenStream::new();
    let mut infos = TokenStream::new();
    let mut weak: Option<&Ident> = None;
    let mut items: Option<(&Ident, &Type)> = None;
    for (n, field) in fields.iter().enumerate() {
        let ident = field.ident.as_ref().expect("the fields are named");
        let ty = &field.ty;
        let FieldOptions {
            mutability,
            weak: is_weak,
        } = field_options(field)?;
        let mutability = format_ident!("{mutability}");
        let constant = format_ident!("{}", ident.to_string().to_uppercase());
        let full_name = LitStr::new(&format!("{}.{ident}", text.value()), ident.span());
        let value = quote! { <#ty as ::ouro_gc::FieldStorage>::Value };
        let doc = format!("Descriptor of the field `{ident}`.");
        if let Some(item) = items_of(ty) {
            if n + 1 != fields.len() {
                return Err(Error::new_spanned(
                    ident,
                    "the variable part is the last field",
                ));
            }
            items = Some((ident, item));
            constants.extend(quote! {
                #[doc = #doc]
                pub const #constant: ::ouro_gc::ItemsField<#name, #value, ::ouro_gc::#mutability> = ::ouro_gc::ItemsField::at(
                    ::core::mem::offset_of!(#name, #ident) as u32,
                    ::core::mem::offset_of!(#name, len) as u32,
                    #full_name,
                );
            });
            continue;
        }
        if is_weak && weak.replace(ident).is_some() {
            return Err(Error::new_spanned(
                ident,
                "an object has at most one weak field",
            ));
        }
        constants.extend(quote! {
            #[doc = #doc]
            pub const #constant: ::ouro_gc::Field<#name, #value, ::ouro_gc::#mutability> =
                ::ouro_gc::Field::at(::core::mem::offset_of!(#name, #ident) as u32, #full_name);
        });
        infos.extend(quote! { #name::#constant.info, });
    }
    let size = match items {
        // The fixed part of a variable object ends where its items start.
        Some((ident, _)) => quote! { ::core::mem::offset_of!(#name, #ident) as u32 },
        None => quote! { <#name as ::ouro_gc::Object>::BYTES },
    };
    let bytes = match items {
        Some((ident, _)) => {
            quote! { (::core::mem::offset_of!(#name, #ident) as u32).next_multiple_of(16) }
        }
        None => quote! { (::core::mem::size_of::<#name>() as u32).next_multiple_of(16) },
    };
    let weak = weak.map(|ident| quote! { let info = info.with_weak(::core::mem::offset_of!(#name, #ident) as u32); });
    let value_class = options.value_class;
    let finalize = option_tokens(options.finalize.as_ref());
    let scan = option_tokens(options.scan.as_ref());
    let var_part = items.map(|(ident, item)| {
        quote! {
            let info = ::ouro_gc::TypeInfo {
                var_part: Some(::ouro_gc::VarPart {
                    len_offset: ::core::mem::offset_of!(#name, len) as u32,
                    items_offset: ::core::mem::offset_of!(#name, #ident) as u32,
                    item_bytes: ::core::mem::size_of::<#item>() as u32,
                    items_are_refs: matches!(
                        <<#item as ::ouro_gc::FieldStorage>::Value as ::ouro_gc::FieldValue>::KIND,
                        ::ouro_gc::FieldKind::Ref
                    ),
                }),
                ..info
            };
        }
    });
    let var_object = items.map(|(ident, item)| {
        quote! {
            const _: () = {
                // The length is a 64-bit word, whatever cell it is in.
                const fn has_kind<T: ::ouro_gc::FieldValue>(_: &::ouro_gc::Field<#name, T, ::ouro_gc::Immutable>) -> ::ouro_gc::FieldKind { T::KIND }
                assert!(matches!(has_kind(&#name::LEN), ::ouro_gc::FieldKind::Int), "`len` is an immutable 64-bit integer");
            };
            impl ::ouro_gc::VarObject for #name {
                type Item = #item;
                const LEN_OFFSET: u32 = ::core::mem::offset_of!(#name, len) as u32;
                const ITEMS_OFFSET: u32 = ::core::mem::offset_of!(#name, #ident) as u32;
            }
        }
    });
    Ok(quote! {
        const _: () = {
            assert!(::core::mem::offset_of!(#name, #header_ident) == 0);
            assert!(#id != 0 && #id % 2 == 0, "type ids are even and not 0");
            assert!(::core::mem::align_of::<#name>() <= 16);
            let _: fn(&#header_type) -> &::ouro_gc::Header = |header| header;
        };
        impl #name {
            #constants
        }
        impl ::ouro_gc::Object for #name {
            const TYPE_ID: u32 = #id;
            const BYTES: u32 = #bytes;
            const FIELDS: &'static [::ouro_gc::FieldInfo] = &[#infos];
            fn info() -> ::ouro_gc::TypeInfo {
                let info = ::ouro_gc::TypeInfo::from_fields(#text, #size, <#name as ::ouro_gc::Object>::FIELDS);
                #weak
                #var_part
                ::ouro_gc::TypeInfo { value_class: #value_class, finalize: #finalize, scan: #scan, ..info }
            }
        }
        #var_object
    })
}

fn option_tokens(path: Option<&Path>) -> TokenStream {
    match path {
        Some(path) => quote! { Some(#path) },
        None => quote! { None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn error_of(input: DeriveInput) -> String {
        expand(&input).expect_err("the input is wrong").to_string()
    }

    #[test]
    fn wrong_structs_are_refused_with_a_reason() {
        let no_id = parse_quote! { #[repr(C)] struct A { header: Header } };
        assert_eq!(error_of(no_id), "an object needs #[object(id = ..)]");
        let no_repr = parse_quote! { #[object(id = 2)] struct A { header: Header } };
        assert_eq!(error_of(no_repr), "an object needs #[repr(C)]");
        let no_header = parse_quote! { #[object(id = 2)] #[repr(C)] struct A {} };
        assert_eq!(
            error_of(no_header),
            "the first field of an object is `header: Header`"
        );
        let generic =
            parse_quote! { #[object(id = 2)] #[repr(C)] struct A<T> { header: Header, x: T } };
        assert_eq!(error_of(generic), "an object has no generic parameters");
        let tuple = parse_quote! { #[object(id = 2)] #[repr(C)] struct A(Header); };
        assert_eq!(error_of(tuple), "an object has named fields");
        let items = parse_quote! { #[object(id = 2)] #[repr(C)] struct A { header: Header, len: u64, i: Items<Gc>, x: i64 } };
        assert_eq!(error_of(items), "the variable part is the last field");
        let weak = parse_quote! { #[object(id = 2)] #[repr(C)] struct A { header: Header, #[field(weak)] a: Gc, #[field(weak)] b: Gc } };
        assert_eq!(error_of(weak), "an object has at most one weak field");
        let unknown =
            parse_quote! { #[object(id = 2, sealed)] #[repr(C)] struct A { header: Header } };
        assert!(error_of(unknown).contains("expected id, name"));
        let unknown = parse_quote! { #[object(id = 2)] #[repr(C)] struct A { header: Header, #[field(frozen)] x: i64 } };
        assert!(error_of(unknown).contains("quasi_immutable"));
    }
    #[test]
    fn repr_c_may_stand_beside_an_alignment() {
        assert!(is_repr_c(
            &parse_quote! { #[repr(C, align(16))] struct A {} }
        ));
        assert!(is_repr_c(
            &parse_quote! { #[repr(align(16), C)] struct A {} }
        ));
        assert!(!is_repr_c(
            &parse_quote! { #[repr(transparent)] struct A {} }
        ));
    }
}
