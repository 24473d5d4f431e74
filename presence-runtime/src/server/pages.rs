//! Pages: files that a standalone server hands out beside the presence routes.

use std::collections::HashMap;
use std::path::Path;
use std::{fs, io};

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};

use super::body::Body;
use super::refused::Refused;
use crate::wire::{Code, Fault};

/// Files by path, all in memory: a request never reaches the disk.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    files: HashMap<String, Page>,
}

#[derive(Debug, Clone)]
struct Page {
    kind: HeaderValue,
    bytes: Bytes,
}

impl Pages {
    /// Reads all files of a folder and below it; `index.html` stands for its folder.
    ///
    /// # Errors
    /// When the folder or a file cannot be read; the error names it.
    pub fn read(folder: impl AsRef<Path>) -> io::Result<Self> {
        Self::default().and(folder, "")
    }

    /// Adds the files of another folder below a path such as `/client`.
    ///
    /// # Errors
    /// When the folder or a file cannot be read; the error names it.
    pub fn and(mut self, folder: impl AsRef<Path>, below: &str) -> io::Result<Self> {
        self.add(folder.as_ref(), below)?;
        Ok(self)
    }

    fn add(&mut self, folder: &Path, below: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder).map_err(|error| named(folder, &error))? {
            let entry = entry.map_err(|error| named(folder, &error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{below}/{name}");
            if entry.file_type()?.is_dir() {
                self.add(&entry.path(), &path)?;
                continue;
            }
            let page = Page {
                kind: HeaderValue::from_static(kind(&name)),
                bytes: fs::read(entry.path())
                    .map_err(|error| named(&entry.path(), &error))?
                    .into(),
            };
            if name == "index.html" {
                self.files.insert(format!("{below}/"), page.clone());
            }
            self.files.insert(path, page);
        }
        Ok(())
    }

    /// The file of a path; `not_found` in JSON where there is none. For applications that serve pages
    /// beside a [`Service`](super::Service) of their own.
    #[must_use]
    pub fn answer(&self, method: &Method, path: &str) -> Response<Body> {
        let page = self.page(method, path);
        // It is nobody's figure: there is no hub here.
        page.unwrap_or_else(Refused::answer)
    }

    pub(super) fn page(&self, method: &Method, path: &str) -> Result<Response<Body>, Refused> {
        let Some(page) = self.files.get(path) else {
            return Err(Fault::new(Code::NotFound, "no such page").into());
        };
        if method != Method::GET && method != Method::HEAD {
            return Err(Refused::Method("GET, HEAD"));
        }
        let mut response = Response::new(Body::whole(page.bytes.clone()));
        *response.status_mut() = StatusCode::OK;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, page.kind.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        Ok(response)
    }
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn kind(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(|it| it.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = Pages::read("no/such/folder").expect_err("there is none");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().starts_with("no/such/folder: "), "{error}");
    }
}
