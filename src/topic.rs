//! Topics.
use alloc::string::String;
use alloc::vec::Vec;

pub fn is_name(topic: &str) -> bool {
    !topic.is_empty() && topic.len() <= 65535 && !topic.bytes().any(|b| matches!(b, 0 | b'+' | b'#'))
}
/// f
pub fn is_filter(f: &str) -> bool {
    !f.is_empty() && f.len() <= 65535 && !f.contains('\0')
}
/// s
pub fn is_shared(f: &str) -> bool {
    f.starts_with("$share/")
}
/// w
pub fn has_wildcard(f: &str) -> bool {
    f.contains(['+', '#'])
}
/// m
pub fn matches(f: &str, n: &str) -> bool {
    f == n || f == "#"
}
/// r
#[derive(Debug, Default)]
pub struct Routes(Vec<(String, u32)>);
impl Routes {
    /// n
    pub fn new() -> Self {
        Self::default()
    }
    /// i
    pub fn insert(&mut self, f: &str, id: u32) {
        self.0.push((f.into(), id))
    }
    /// r
    pub fn remove(&mut self, f: &str, id: u32) -> bool {
        let n = self.0.len();
        self.0.retain(|x| (x.0.as_str(), x.1) != (f, id));
        n != self.0.len()
    }
    /// f
    pub fn find(&self, n: &str, v: &mut Vec<u32>) {
        v.extend(self.0.iter().filter(|x| matches(&x.0, n)).map(|x| x.1))
    }
}
